/**
 * A daemon whose log is on a disk of its own that gets full, and is emptied
 * again. The disk is in the memory, and mounted for that daemon alone: it ends
 * with it. Where nothing may be mounted, `/dev/full` stands for it.
 */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ocapBin } from '../../support/home.ts';
import { run } from '../../support/run.ts';
import type { ScoreRun } from './check.ts';
import { factThat, type Fact } from './facts.ts';
import { launchVat } from './launch-vat.ts';
import { parseLines } from './log-files.ts';
import type { ScoreDaemon } from './score-daemon.ts';

/** Words of a command that mounts a disk of so many bytes at its first argument, and runs the others. */
const withDisk = (bytes: number): readonly string[] => [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  `mount -t tmpfs -o size=${bytes} tmpfs "$0" && exec "$@"`,
];

const DISK_BYTES = 1024 * 1024;
/** Leaves room for some lines and a part of another. */
const FILLER_BYTES = DISK_BYTES - 64 * 1024;

const tryMount = (): boolean => {
  const [command = '', ...words] = withDisk(DISK_BYTES);
  return spawnSync(command, [...words, '/tmp', 'true']).status === 0;
};

export const canMount = process.platform === 'linux' && tryMount();

const talker = `
  return makeDefaultExo('Talker', { talk: (n) => {
    for (let i = 0; i < n; i += 1) console.log(i, 'y'.repeat(997));
    return 'told';
  } });`;

export const fullDiskFacts = async (
  openDaemon: ScoreRun['openDaemon'],
  note: ScoreRun['note'],
): Promise<readonly Fact[]> => {
  const daemon = await openDaemon();
  const disk = await moveLog(daemon);
  const { root } = await launchVat(daemon, talker);
  const pid = daemon.pid();
  const facts: Fact[] = [];
  for (let times = 1; times <= 3; times += 1) {
    const talk = daemon.client.call(root, 'talk', 200);
    facts.push(
      await factThat(`its log is full: call ${times} is answered`, talk),
    );
  }
  facts.push({
    fact: 'its log is full: it is the same process',
    holds: daemon.home.daemonPid() === pid,
  });
  if (disk === undefined) {
    note('nothing may be mounted here: the disk of the log is /dev/full');
    return facts;
  }
  const before = readFileSync(disk.log, 'utf8');
  rmSync(disk.filler);
  await daemon.client.call(root, 'talk', 3);
  const lines = parseLines(readFileSync(disk.log, 'utf8'));
  facts.push(
    {
      fact: 'the log was full',
      holds: before.length < 100 * 1024,
      found: before.length,
    },
    {
      fact: 'once there is room, the log tells how many lines were lost',
      holds: lines.some(({ msg }) =>
        /\d+ log lines were lost/u.test(String(msg)),
      ),
    },
    {
      fact: 'and it goes on',
      holds: String(lines.at(-1)?.['msg']).startsWith('2 yyy'),
      found: String(lines.at(-1)?.['msg']).slice(0, 50),
    },
    {
      fact: 'each of its lines is whole',
      holds: lines.every(({ msg }) => msg !== undefined),
      found: lines.filter(({ msg }) => msg === undefined).length,
    },
  );
  return facts;
};

type Disk = Readonly<{ log: string; filler: string }>;

/** Starts it anew with the log elsewhere; undefined if that is `/dev/full`. */
const moveLog = async (daemon: ScoreDaemon): Promise<Disk | undefined> => {
  const { home } = daemon;
  await daemon.stop();
  rmSync(home.logPath);
  const folder = join(home.dir, 'disk');
  if (!canMount) {
    symlinkSync('/dev/full', home.logPath);
    await daemon.start();
    return undefined;
  }
  mkdirSync(folder);
  symlinkSync(join(folder, 'daemon.log'), home.logPath);
  const [command = '', ...words] = withDisk(DISK_BYTES);
  const start = [process.execPath, ocapBin, 'daemon', 'start'];
  const { code, stderr } = await run(command, [...words, folder, ...start], {
    env: home.env,
  });
  if (code !== 0) throw Error(`the daemon did not start: ${stderr}`);
  await daemon.start();
  // What it sees is seen by the way of its process.
  const seen = `/proc/${daemon.pid()}/root${folder}`;
  const filler = join(seen, 'filler');
  writeFileSync(filler, Buffer.alloc(FILLER_BYTES));
  return { log: join(seen, 'daemon.log'), filler };
};
