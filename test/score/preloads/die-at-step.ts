/**
 * For preloads that name the steps of what the daemon's process does: writes
 * each name into `SCORE_STEPS` before the step is taken, and kills the process
 * at the n-th (`SCORE_DIE_AT`, from 1).
 */
import { appendFileSync } from 'node:fs';

const dieAt = Number(process.env['SCORE_DIE_AT'] ?? 0);
const path = process.env['SCORE_STEPS'] ?? '';

let steps = 0;

/** `before` is done before it dies here, and only then. */
export const step = (name: string, before?: () => void): void => {
  if (path === '') return;
  steps += 1;
  appendFileSync(path, `${name}\n`);
  if (steps !== dieAt) return;
  before?.();
  process.kill(process.pid, 'SIGKILL');
};
