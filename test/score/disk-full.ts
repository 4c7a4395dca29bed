/**
 * Check 8. The home is a disk of 8 MiB that gets full under load, and is freed
 * again, round after round; after some it is another home, because what was
 * transferred is kept. Meanwhile calls are refused with a word for it and
 * getStatus is answered; afterwards it goes on by itself, and nothing is missing
 * or there twice.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { makeRandom } from '../support/random.ts';
import type { Check, ScoreRun } from './tools/check.ts';
import { judge } from './tools/facts.ts';
import { openFaultyDisk } from './tools/faulty-disk.ts';
import { canMount } from './tools/full-log-disk.ts';
import { playWithoutRoom, RESUME_MS, type Played } from './tools/no-room.ts';
import { runAlone } from './tools/run-alone.ts';

const program = fileURLToPath(
  new URL('./tools/small-disk.ts', import.meta.url),
);

export const check: Check = {
  number: 8,
  id: 'disk-full',
  title: 'a small disk gets full under load, and is freed again',
  ...(!canMount && {
    missing:
      'here nothing may be mounted, so ENOSPC comes from a library between the daemon and its files',
  }),
  run: async (run) => {
    const rounds = run.amount(3, 60);
    const report = await (canMount ? playOnDisks : playHere)(rounds, run);
    const slowest = Math.max(...report.resumedMs);
    return judge(report.facts, {
      value: `${rounds} times full, ${report.transfers} transfers, ${report.putOff} put off, resumed in ${slowest.toFixed(0)} ms at most`,
      limit: `refused with STORAGE_FULL, getStatus answered, resumes in < ${RESUME_MS / 1000} s, ledger exact`,
    });
  },
};

/** So many fit on a disk of 8 MiB, of a machine that transfers a lot in each. */
const DISK_ROUNDS = 10;

const playOnDisks = async (rounds: number, run: ScoreRun): Promise<Played> => {
  let all: Played = { facts: [], transfers: 0, putOff: 0, resumedMs: [] };
  for (let done = 0; done < rounds; done += DISK_ROUNDS) {
    run.note(`a disk, after ${done} rounds`);
    const count = Math.min(DISK_ROUNDS, rounds - done);
    const played = await playApart(count, run.seed + done, run);
    all = {
      facts: [...all.facts, ...played.facts],
      transfers: all.transfers + played.transfers,
      putOff: all.putOff + played.putOff,
      resumedMs: [...all.resumedMs, ...played.resumedMs],
    };
  }
  return all;
};

/** In a process that sees the disk, and is the only one: the disk ends with it. */
const playApart = async (
  rounds: number,
  seed: number,
  { note }: Pick<ScoreRun, 'note'>,
): Promise<Played> => {
  const words = ['--mount', '--propagation', 'private', process.execPath];
  const child = spawn('unshare', [...words, program, `${rounds}`, `${seed}`]);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    note(more.trimEnd());
  });
  // It ends when its input does, so also when this process is killed.
  child.stdin.on('error', () => undefined);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw Error(`the process on the disk has ended with ${code}`);
  return JSON.parse(text) as Played;
};

const playHere = async (
  rounds: number,
  { openDaemon, seed, note }: ScoreRun,
): Promise<Played> => {
  const disk = openFaultyDisk();
  try {
    const daemon = await openDaemon({ env: disk.env });
    const room = { take: disk.allowBytes, give: disk.mend };
    const random = makeRandom(seed);
    return await playWithoutRoom(daemon, room, { rounds, random, note });
  } finally {
    disk.close();
  }
};

await runAlone(import.meta.url, check);
