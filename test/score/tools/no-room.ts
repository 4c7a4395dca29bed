/**
 * What is demanded of a daemon whose files may not grow for a while: clients move
 * money in the bank of `examples/bank` meanwhile, round after round. In some
 * rounds the daemon is killed or stopped while there is no room.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KernelStatus } from '@ocap/kernel';
import { messageOf } from '@ocap/kernel-utils';
import { RpcError } from '@ocap/nodejs/client';
import { makeBooks, type Books } from '../../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type BankLoad,
} from '../../support/bank-load.ts';
import type { Random } from '../../support/random.ts';
import type { Fact } from './facts.ts';
import { ledgerFacts } from './ledger-facts.ts';
import type { ScoreDaemon } from './score-daemon.ts';

/** Takes all room away but so many bytes, and gives it back. */
export type Room = Readonly<{
  take(left: number): void | Promise<void>;
  give(): void | Promise<void>;
}>;

const CLIENTS = 4;
/** Load before there is no room, at least and at most, in ms. */
const LOAD_MS = [50, 400] as const;
/** How long there is none. */
const FULL_MS = [100, 2000] as const;
/** How much is left of it at first, in bytes. */
const LEFT_BYTES = [0, 256 * 1024] as const;
const STATUS_MS = 1000;
const REFUSAL_MS = 1000;
export const RESUME_MS = 5000;
/** Until the daemon has noticed, which takes as many transfers as there was room left for. */
const NOTICE_MS = 60_000;
/** So long it finds none: before, its log may have been cut off, which gives some back. */
const LASTS_MS = 300;

/** What becomes of the daemon while there is no room, round by round. */
const ends = ['goes on', 'is killed', 'is stopped'] as const;

type World = Readonly<{
  daemon: ScoreDaemon;
  room: Room;
  random: Random;
  bank: BankLoad;
  books: Books;
}>;

export type Played = Readonly<{
  facts: readonly Fact[];
  transfers: number;
  putOff: number;
  /** Of each round, until a call was answered again. */
  resumedMs: readonly number[];
}>;

export const playWithoutRoom = async (
  daemon: ScoreDaemon,
  room: Room,
  {
    rounds,
    random,
    note,
  }: Readonly<{
    rounds: number;
    random: Random;
    note(text: string): void;
  }>,
): Promise<Played> => {
  await launchBank(daemon.client);
  const bank = await openBankLoad(daemon.home, random);
  const world = { daemon, room, random, bank, books: makeBooks(bank) };
  const facts: Fact[] = [];
  const resumedMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const since = bank.transfers.length;
    const end = ends[round % ends.length] ?? 'goes on';
    const name = `round ${round + 1} (it ${end})`;
    const { found, ms } = await playRound(world, end);
    const ledger = await ledgerFacts(world, since);
    const named = [...found, ...ledger].map(({ fact, ...rest }) => ({
      fact: `${name}: ${fact}`,
      ...rest,
    }));
    facts.push(...named);
    resumedMs.push(ms);
    note(`${name}, ${bank.transfers.length - since} transfers`);
  }
  const putOff = bank.transfers.filter((t) => t.putOff !== undefined).length;
  facts.push({
    // Else nobody has met the full disk.
    fact: 'calls were refused in every round',
    holds: putOff >= rounds,
    found: putOff,
  });
  return { facts, transfers: bank.transfers.length, putOff, resumedMs };
};

const playRound = async (
  { daemon, room, random, bank }: World,
  end: (typeof ends)[number],
): Promise<Readonly<{ found: readonly Fact[]; ms: number }>> => {
  const pid = daemon.pid();
  const load = bank.begin(CLIENTS);
  await delay(random.integer(...LOAD_MS));
  await room.take(random.integer(...LEFT_BYTES));
  const found = [...(await lookWhileFull(daemon, random))];
  if (end === 'is killed') await daemon.kill();
  if (end === 'is stopped') found.push(await stopWhileFull(daemon));
  if (end !== 'goes on') await load.stop();
  await room.give();
  const begun = performance.now();
  const isRunning = daemon.home.daemonPid() !== undefined;
  if (isRunning) {
    found.push({
      fact: 'it is the same process',
      holds: daemon.home.daemonPid() === pid,
    });
  } else {
    await daemon.start();
  }
  const answered = await untilAnswered(daemon);
  const ms = performance.now() - begun;
  await load.stop();
  found.push({
    fact: `it takes calls again in ${RESUME_MS} ms`,
    holds: answered === undefined && ms < RESUME_MS,
    found: answered ?? `${ms.toFixed(0)} ms`,
  });
  return { found, ms };
};

/** From when it has noticed, until it is enough. */
const lookWhileFull = async (
  daemon: ScoreDaemon,
  random: Random,
): Promise<readonly Fact[]> => {
  const noticed = await until(NOTICE_MS, async () => {
    const { storage } = await statusOf(daemon);
    return storage !== undefined && Date.now() - storage.since > LASTS_MS;
  });
  const waits = random.integer(...FULL_MS);
  const begun = performance.now();
  const statuses: number[] = [];
  const refusals: { code: unknown; ms: number }[] = [];
  do {
    const asked = performance.now();
    await statusOf(daemon);
    statuses.push(performance.now() - asked);
    refusals.push(await refusalOf(daemon));
    await delay(50);
  } while (performance.now() - begun < waits);
  const names = await daemon.client.rpc('listNames').catch(messageOf);
  const slowest = Math.max(...statuses);
  const wrong = refusals.filter(
    ({ code, ms }) => code !== 'STORAGE_FULL' || ms >= REFUSAL_MS,
  );
  return [
    {
      fact: 'it tells in getStatus that nothing can be stored',
      holds: noticed,
    },
    {
      fact: `getStatus is answered within ${STATUS_MS} ms all the while`,
      holds: slowest < STATUS_MS,
      found: `${slowest.toFixed(0)} ms`,
    },
    {
      fact: 'calls are refused at once, with STORAGE_FULL',
      holds: wrong.length === 0,
      found: wrong.slice(0, 3).map(({ code, ms }) => `${String(code)}, ${ms}`),
    },
    {
      fact: 'listNames is answered',
      holds: Array.isArray(names),
      found: String(names),
    },
  ];
};

const stopWhileFull = async (daemon: ScoreDaemon): Promise<Fact> =>
  daemon.stop().then(
    () => ({ fact: 'it stops when it is asked to', holds: true }),
    (thrown: unknown) => ({
      fact: 'it stops when it is asked to',
      holds: false,
      found: messageOf(thrown),
    }),
  );

const statusOf = async (daemon: ScoreDaemon): Promise<KernelStatus> =>
  daemon.status();

/** The code with which a call is refused. */
const refusalOf = async ({
  client,
}: ScoreDaemon): Promise<Readonly<{ code: unknown; ms: number }>> => {
  const begun = performance.now();
  const code = await client.call('bank', 'total').then(
    () => 'an answer',
    (thrown: unknown) =>
      thrown instanceof RpcError
        ? (thrown.data as { code?: unknown }).code
        : messageOf(thrown),
  );
  return { code, ms: performance.now() - begun };
};

/** What is wrong instead, when it takes too long. */
const untilAnswered = async ({
  client,
}: ScoreDaemon): Promise<string | undefined> => {
  let problem: string | undefined;
  await until(2 * RESUME_MS, async () => {
    problem = await client
      .call('bank', 'total')
      .then(() => undefined, messageOf);
    return problem === undefined;
  });
  return problem;
};

const until = async (
  ms: number,
  isSo: () => Promise<boolean>,
): Promise<boolean> => {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (await isSo()) return true;
    await delay(10);
  }
  return false;
};
