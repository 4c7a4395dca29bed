/**
 * A large file that is written in one go goes to the disk when it is synced,
 * and until it is there, whoever else syncs something waits: a commit of the daemon
 * has been seen to take 240 ms beside a copy of 200 MB, and 55 ms if a thread beside
 * it syncs what there is of it again and again. That takes no longer in all.
 */
import { Worker } from 'node:worker_threads';

const EVERY_MS = 50;

/**
 * Does `write`, which fills the file behind `fd` without ever giving this thread
 * away, and syncs at its end: a failure of the disk is told there.
 */
export const syncedMeanwhile = (fd: number, write: () => void): void => {
  const isWritten = new Int32Array(new SharedArrayBuffer(4));
  const workerData: Shared = { fd, isWritten, everyMs: EVERY_MS };
  const worker = new Worker(`(${syncAgainAndAgain.toString()})()`, {
    eval: true,
    workerData,
    name: 'ocap-sync',
  });
  // Without the thread others wait longer, and that is all.
  worker.on('error', () => undefined);
  worker.unref();
  try {
    write();
  } finally {
    Atomics.store(isWritten, 0, 1);
    Atomics.notify(isWritten, 0);
  }
};

type Shared = Readonly<{ fd: number; isWritten: Int32Array; everyMs: number }>;

/** The whole program of the thread: it has nothing of this file but the text. */
const syncAgainAndAgain = (): void => {
  const { fdatasyncSync } = process.getBuiltinModule('node:fs');
  const { workerData } = process.getBuiltinModule('node:worker_threads');
  const { fd, isWritten, everyMs } = workerData as Shared;
  while (Atomics.wait(isWritten, 0, 0, everyMs) === 'timed-out') {
    fdatasyncSync(fd);
  }
};
