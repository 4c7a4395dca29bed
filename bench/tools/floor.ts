/** What ours is compared with, while it runs: a floor or a peer. */
import type { Workspace } from './workspace.ts';

export type Floor<Work extends readonly unknown[]> = Readonly<{
  /** Does it; answers how many there were a second. */
  perSecond(...work: Work): Promise<number>;
  close(): Promise<void>;
}>;

export type OpenFloor<Work extends readonly unknown[]> = (
  workspace: Workspace,
) => Promise<Floor<Work>>;
