/**
 * Check 3. Everything that reaches the disk is written down while a daemon is
 * made, works, stops, starts, is killed. From that come images of what may be
 * left when the power fails at some point: unsynced writes dropped, torn,
 * reordered. Each must open and be in order, with all that was acknowledged by
 * then; a few are given to a real daemon, whose books must be right.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { makeBooks } from '../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type BankLoad,
} from '../support/bank-load.ts';
import { makeRandom, type Random } from '../support/random.ts';
import type { Check, ScoreRun } from './tools/check.ts';
import { parseDiskRecord, type DiskEntry } from './tools/disk-record.ts';
import { judge, type Fact } from './tools/facts.ts';
import { openFaultyDisk, type FaultyDisk } from './tools/faulty-disk.ts';
import { openImageWorkers } from './tools/image-workers.ts';
import { makePowerCut, type Image } from './tools/power-cut.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const CLIENTS = 8;
/** One image in so many is given to a real daemon. */
const DAEMON_EVERY = 100;
/** For the daemon, and what it takes to look at the last images. */
const RESERVE_MS = { quick: 6500, full: 20_000 } as const;

type Answer = Readonly<{ memo: string; end: number }>;

type Recorded = Readonly<{
  entries: readonly DiskEntry[];
  bank: BankLoad;
  /** In their order, each with how much had been written down by then. */
  answers: readonly Answer[];
  /** When the purses were there, with the money in them. */
  readyAt: number;
}>;

export const check: Check = {
  number: 3,
  id: 'powerloss-images',
  title: 'what may be left on the disk when the power fails, 2,000 times',
  run: async (run) => {
    const { openDaemon, seed, amount, note, timeLeftMs, mode } = run;
    const random = makeRandom(seed);
    const recorded = await record(run);
    const { entries, answers } = recorded;
    note(`${entries.length} entries, ${answers.length} answers`);
    const points = choosePoints(entries, amount(60, 2000), random);
    const workers = openImageWorkers();
    const daemon = await openDaemon();
    const facts: Fact[] = [];
    const cut = makePowerCut();
    let next = 0;
    let unsynced = 0;
    let images = 0;
    let daemons = 0;
    for (const point of points) {
      if (timeLeftMs() < RESERVE_MS[mode]) break;
      for (; next <= point; next += 1) cut.play(entries[next] as DiskEntry);
      const end = entries[point]?.end ?? 0;
      const answered = answers.filter((each) => each.end <= end);
      const { files, fate } = cut.image(random);
      unsynced += cut.unsynced();
      images += 1;
      const name = `image ${images}, after entry ${point + 1} (${fate})`;
      const order = {
        number: images,
        answered: answered.map(({ memo }) => memo),
      };
      await workers.look(files, order, (problems) =>
        facts.push({
          fact: `${name}: it opens, is in order, and has what was answered`,
          holds: problems.length === 0,
          found: [...problems],
        }),
      );
      if (
        images % amount(DAEMON_EVERY / 2, DAEMON_EVERY) === 1 &&
        end > recorded.readyAt
      ) {
        daemons += 1;
        facts.push(
          ...(await lookWithDaemon(daemon, {
            files,
            answered,
            recorded,
            name,
          })),
        );
      }
      if (images % 200 === 0) note(`${images} images`);
    }
    await workers.close();
    facts.push(
      {
        fact: 'as many images as were asked for',
        holds: images === points.length,
        found: images,
      },
      {
        // Else nothing could be lost.
        fact: 'there were unsynced writes',
        holds: unsynced > images,
        found: unsynced,
      },
      { fact: 'a daemon had a look', holds: daemons > 0 },
    );
    return judge(facts, {
      value: `${images} images of ${entries.length} entries, ${answers.length} answers, ${daemons} looked at by a daemon`,
      limit:
        'all open, integrity ok, audit clean, nothing acknowledged is missing',
    });
  },
};

/** In their order; half of them just before a sync, where most can be lost. */
const choosePoints = (
  entries: readonly DiskEntry[],
  count: number,
  random: Random,
): readonly number[] => {
  const syncs = entries.flatMap(({ kind }, at) =>
    (kind === 'synced' || kind === 'folder synced') && at > 0 ? [at - 1] : [],
  );
  return Array.from({ length: count }, () =>
    random.integer(0, 1) === 0
      ? random.pick(syncs)
      : random.integer(0, entries.length - 1),
  ).sort((a, b) => a - b);
};

/** A life of a daemon from its first moment on. */
const record = async ({
  openDaemon,
  seed,
  amount,
}: ScoreRun): Promise<Recorded> => {
  const disk = openFaultyDisk({ isLogged: true });
  try {
    const daemon = await openDaemon({ env: disk.env });
    await launchBank(daemon.client);
    const bank = await openBankLoad(daemon.home, makeRandom(seed));
    const answers: Answer[] = [];
    const load = { daemon, disk, bank, answers, ms: amount(300, 2500) };
    const readyAt = statSync(disk.logPath).size;
    await work(load);
    // So that the log is copied into the database again and again.
    disk.pretendSmall();
    await work(load);
    await daemon.stop();
    await daemon.start();
    await work(load);
    await Promise.all([work(load), daemon.kill()]);
    await daemon.start();
    disk.mend();
    await work(load);
    const entries = parseDiskRecord(readFileSync(disk.logPath));
    return { entries, bank, answers, readyAt };
  } finally {
    disk.close();
  }
};

type Load = Readonly<{
  daemon: ScoreDaemon;
  disk: FaultyDisk;
  bank: BankLoad;
  answers: Answer[];
  ms: number;
}>;

const work = async ({
  daemon,
  disk,
  bank,
  answers,
  ms,
}: Load): Promise<void> => {
  const end = performance.now() + ms;
  const client = daemon.openClient();
  const lanes = Array.from({ length: CLIENTS }, async () => {
    while (performance.now() < end) {
      const transfer = bank.invent();
      const { kind } = await bank.ask(client, transfer);
      // Whatever was answered by now was on disk before that was written.
      if (kind === 'answered') {
        answers.push({ memo: transfer.memo, end: statSync(disk.logPath).size });
      }
    }
  });
  // It may be killed meanwhile.
  await Promise.allSettled(lanes);
  client.close();
};

const SUFFIXES = ['', '-wal', '-shm'] as const;

const lookWithDaemon = async (
  daemon: ScoreDaemon,
  {
    files,
    answered,
    recorded: { bank },
    name,
  }: Readonly<{
    files: Image;
    answered: readonly Answer[];
    recorded: Recorded;
    name: string;
  }>,
): Promise<readonly Fact[]> => {
  const { databasePath } = daemon.home;
  await daemon.kill();
  for (const suffix of SUFFIXES) {
    const content = files.get(`kernel.sqlite${suffix}`);
    rmSync(`${databasePath}${suffix}`, { force: true });
    if (content !== undefined) {
      writeFileSync(`${databasePath}${suffix}`, content, { mode: 0o600 });
    }
  }
  await daemon.start();
  const { client } = daemon;
  const books = makeBooks(bank);
  await books.read(client);
  const memos = new Set(answered.map(({ memo }) => memo));
  const wrong = bank.transfers.filter((transfer) => {
    const applied = books.applied(transfer);
    return memos.has(transfer.memo) ? applied !== 1 : applied > 1;
  });
  const problems = await books.problems(client);
  return [
    {
      fact: `${name}: a daemon has every transfer that was answered, and none twice`,
      holds: wrong.length === 0,
      found: wrong.map(({ memo }) => memo),
    },
    {
      fact: `${name}: in its bank, every purse has what the transfers make`,
      holds: problems.length === 0,
      found: [...problems],
    },
  ];
};

await runAlone(import.meta.url, check);
