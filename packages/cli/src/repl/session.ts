/** What a console session is run with. */
import type { Context } from '../context.ts';
import type { TerminalSession } from './terminal-session.ts';

export type Session = Readonly<{
  session: TerminalSession;
  context: Context;
  /** The petnames that were granted. */
  names: readonly string[];
  stop: AbortSignal;
  /** Grants one more petname. */
  grant(name: string): Promise<void>;
}>;
