/** What `preloads/look-inside.ts` tells of the daemon's process, and does to its clock. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sendSignal } from '../../support/processes.ts';
import type { DaemonOptions, ScoreDaemon } from './score-daemon.ts';

const TALK = 'score-talk.json';

/** For `openDaemon`. */
export const lookInside: DaemonOptions = {
  preload: fileURLToPath(
    new URL('../preloads/look-inside.ts', import.meta.url),
  ),
  // In its home, which is where it runs.
  env: { SCORE_TALK: TALK },
};

export type Inside = Readonly<{
  /** What its heap holds after a collection, but for code. */
  bytes: number;
  /** The names of everything that its prototypes have. */
  prototypes: readonly string[];
}>;

/** From now on its clock is so much ahead. */
export const askInside = async (
  daemon: ScoreDaemon,
  aheadMs = 0,
): Promise<Inside> => (await order(daemon, { aheadMs, look: true })) as Inside;

/** The same, and nothing is collected or told for it. */
export const moveClock = async (
  daemon: ScoreDaemon,
  aheadMs: number,
): Promise<void> => void (await order(daemon, { aheadMs, look: false }));

const order = async (
  { home, pid }: ScoreDaemon,
  what: Readonly<{ aheadMs: number; look: boolean }>,
): Promise<unknown> => {
  const path = join(home.dir, TALK);
  rmSync(path, { force: true });
  writeFileSync(`${path}.order`, JSON.stringify(what));
  sendSignal(pid(), 'SIGUSR2');
  for (let tries = 0; tries < 2000; tries += 1) {
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
    await delay(5);
  }
  throw Error('the daemon does not tell what it holds');
};
