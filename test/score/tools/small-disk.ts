/**
 * The rounds of `no-room.ts` on a disk of 8 MiB of its own, which is the home. A
 * program: it runs where only it and what it starts see what is mounted, and
 * prints what it has found as one line of JSON.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeRandom } from '../../support/random.ts';
import { examine } from './examine.ts';
import { playWithoutRoom, type Played, type Room } from './no-room.ts';
import { makeScoreDaemon } from './score-daemon.ts';

const DISK_BYTES = 8 * 1024 * 1024;

/** Files of the home grow into what is left; a file beside them takes the rest. */
const makeRoom = (folder: string): Room => {
  const filler = join(folder, 'filler');
  return {
    take: (left) => {
      const { bavail, bsize } = statfsSync(folder);
      const bytes = Math.max(0, bavail * bsize - left);
      const fd = openSync(filler, 'w');
      try {
        // The daemon may take some of it meanwhile.
        for (let done = 0; done < bytes; done += bsize) {
          writeSync(fd, Buffer.alloc(Math.min(bsize, bytes - done), 1));
        }
      } catch {
        // Full already.
      }
      closeSync(fd);
    },
    give: () => rmSync(filler, { force: true }),
  };
};

const [rounds = '1', seed = '1'] = process.argv.slice(2);
const daemon = await makeScoreDaemon();
const { dir } = daemon.home;
const size = `size=${DISK_BYTES},mode=0700`;
execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', dir]);
let isOver = false;
const close = async (): Promise<void> => {
  if (isOver) return;
  isOver = true;
  await daemon.kill();
  execFileSync('umount', ['--lazy', dir]);
  await daemon.close();
};
// Whoever has started it is gone.
process.stdin.resume().on('end', () => {
  void close().finally(() => process.exit(1));
});
try {
  await daemon.start();
  const played = await playWithoutRoom(daemon, makeRoom(dir), {
    rounds: Number(rounds),
    random: makeRandom(Number(seed)),
    note: (text) => process.stderr.write(`${text}\n`),
  });
  const facts = [...played.facts, ...(await examine(daemon))];
  const report: Played = { ...played, facts };
  process.stdout.write(`${JSON.stringify(report)}\n`);
} finally {
  await close();
  process.stdin.destroy();
}
