/**
 * What a check of the scoreboard is, and what it is given to work with. Each
 * file of `test/score/` exports one as `check`; docs/scoreboard.md tells how
 * they went.
 */
import type { Json } from '@ocap/kernel-utils';
import type { ScoreDaemon, DaemonOptions } from './score-daemon.ts';

export type Mode = 'quick' | 'full';

export type Outcome = Readonly<{
  pass: boolean;
  /** What was found, and what it had to be. */
  value: string;
  limit: string;
  /** Above all, what did not hold. */
  details?: Json;
}>;

export type ScoreRun = Readonly<{
  mode: Mode;
  seed: number;
  /** How much to do. */
  amount(quick: number, full: number): number;
  /** A daemon in a home of its own, running. It is examined when the check is over. */
  openDaemon(options?: DaemonOptions): Promise<ScoreDaemon>;
  /** What is still left of the time that the check has, in ms. */
  timeLeftMs(): number;
  /** For who waits for it at a terminal. */
  note(text: string): void;
}>;

export type Check = Readonly<{
  /** As in the table of the forty. */
  number: number;
  id: string;
  /** One line: what it does. */
  title: string;
  /** What its row asks for and it does not do yet. */
  missing?: string;
  run(run: ScoreRun): Promise<Outcome>;
}>;

const deadlines: Readonly<Record<Mode, number>> = {
  quick: 20_000,
  full: 300_000,
};

/** In full mode, by id. */
const longDeadlines: Readonly<Record<string, number>> = {
  // Its row asks for ten minutes of load.
  'soak-rss': 660_000,
  // And this one's for 5,000 frames, of which most end a process.
  'forged-refs': 600_000,
};

/** How long a check may take, in ms; then it has failed. */
export const deadlineOf = (id: string, mode: Mode): number =>
  (mode === 'full' ? longDeadlines[id] : undefined) ?? deadlines[mode];
