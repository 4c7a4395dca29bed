/**
 * Loaded into the daemon's process before its own program. Kills it just before
 * the commit of the transaction in which `SCORE_DIE` is written: whatever is to
 * leave with that commit is ready by then, and nothing of it is on disk.
 */
import Database from 'better-sqlite3';

const mark = process.env['SCORE_DIE'] ?? '';

const statement = new Database(':memory:').prepare('SELECT 1');
const prototype = Object.getPrototypeOf(statement) as Database.Statement;
// Called with the statement as its `this`, below.
const { run } = prototype;

let isMarked = false;

prototype.run = function (...parameters: unknown[]) {
  if (isMarked && this.source === 'COMMIT') {
    process.kill(process.pid, 'SIGKILL');
  }
  isMarked ||=
    mark !== '' &&
    parameters.some(
      (value) => typeof value === 'string' && value.includes(mark),
    );
  return run.apply(this, parameters);
};
