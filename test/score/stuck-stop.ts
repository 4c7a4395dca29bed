/**
 * Check 36. `ocap daemon stop` where something does not let go: the daemon is
 * stopped in its tracks, a vat loops, another process has the database locked.
 * It must come to an end, and soon; nothing that the daemon had started may be
 * left, nothing that was answered may be lost, and the next start is healthy.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { encodeLine, messageOf } from '@ocap/kernel-utils';
import { daemonsOf } from '../support/daemons-of.ts';
import { isAlive, sendSignal } from '../support/processes.ts';
import type { Check } from './tools/check.ts';
import { openCounter, type DurableCounter } from './tools/durable-counter.ts';
import { factThat, judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const LIMIT_MS = 10_000;
/** A host that spins is ended by the reaper, a second after its daemon. */
const HOSTS_END_MS = 5_000;

/** Brings the daemon into trouble; what it returns ends the part of it that is ours. */
type Trouble = (scene: Scene) => Promise<() => unknown>;
type Scene = Readonly<{ daemon: ScoreDaemon; counter: DurableCounter }>;

const noEnd = (): void => undefined;

const freeze: Trouble = async ({ daemon }) => {
  sendSignal(daemon.pid(), 'SIGSTOP');
  return noEnd;
};

/** In a host of its own, so that the counter is not in its way. */
const loop: Trouble = async ({ daemon }) => {
  const { id, root } = await launchVat(
    daemon,
    `return makeDefaultExo('Spinner', { spin: () => { for (;;); } });`,
  );
  daemon.client.call(root, 'spin').catch(messageOf);
  for (;;) {
    const { vats } = await daemon.status();
    if (vats.find((vat) => vat.id === id)?.state === 'busy') return noEnd;
    await delay(5);
  }
};

/** With a call under way that cannot be committed. */
const lock: Trouble = async ({ daemon, counter }) => {
  const database = new Database(daemon.home.databasePath, { timeout: 5000 });
  database.exec('BEGIN IMMEDIATE');
  const pending = counter.next().catch(messageOf);
  await delay(50);
  return async () => {
    database.close();
    await pending;
  };
};

const freezeHosts: Trouble = async ({ daemon, counter }) => {
  for (const { pid } of (await daemon.status()).hosts) {
    sendSignal(pid, 'SIGSTOP');
  }
  const pending = counter.next().catch(messageOf);
  return async () => pending;
};

/** Clients that ask for much and read nothing of it. */
const deafClients: Trouble = async ({ daemon }) => {
  const request = encodeLine({ jsonrpc: '2.0', id: 1, method: 'rpc.discover' });
  const sockets = Array.from({ length: 20 }, () =>
    connect(daemon.home.socketPath),
  );
  for (const socket of sockets) {
    socket.on('error', noEnd).pause();
    socket.write(request.repeat(50));
  }
  await delay(200);
  return () => sockets.forEach((socket) => socket.destroy());
};

type Row = readonly [name: string, ...troubles: Trouble[]];

const rows: readonly Row[] = [
  ['a daemon that is stopped in its tracks', freeze],
  ['a vat that loops', loop],
  ['a locked database', lock],
];
const moreRows: readonly Row[] = [
  ['a vat that loops and a locked database', loop, lock],
  ['a vat that loops in a daemon that is stopped', loop, freeze],
  ['a locked database and a daemon that is stopped', lock, freeze],
  ['three vats that loop', loop, loop, loop],
  ['hosts that are stopped in their tracks', freezeHosts],
  ['clients that do not read', deafClients],
];

export const check: Check = {
  number: 36,
  id: 'stuck-stop',
  title: 'stopping a daemon that is stopped, loops, or cannot write',
  missing:
    'a quick run tries the three that the row names, and no two of them at once',
  run: async ({ openDaemon, mode, amount, note }) => {
    const daemon = await openDaemon();
    const counter = await openCounter(daemon);
    const facts: Fact[] = [];
    let slowest = 0;
    const all = mode === 'full' ? [...rows, ...moreRows] : rows;
    for (let times = amount(1, 2); times > 0; times -= 1) {
      for (const row of all) {
        const { ms, facts: found } = await stopIn({ daemon, counter }, row);
        note(`${row[0]}: ${ms.toFixed(0)} ms`);
        slowest = Math.max(slowest, ms);
        facts.push(...found);
      }
    }
    return judge(facts, {
      value: `${(slowest / 1000).toFixed(1)} s at most`,
      limit: `stopped < ${LIMIT_MS / 1000} s, exit 0, next start healthy`,
    });
  },
};

const stopIn = async (
  scene: Scene,
  [name, ...troubles]: Row,
): Promise<Readonly<{ ms: number; facts: readonly Fact[] }>> => {
  const { daemon, counter } = scene;
  const { home } = daemon;
  await counter.next();
  const hosts = new Set<number>();
  const noteHosts = async (): Promise<void> =>
    (await daemon.status()).hosts.forEach(({ pid }) => hosts.add(pid));
  const ends: (() => unknown)[] = [];
  for (const [i, trouble] of troubles.entries()) {
    // With its database locked it soon ends by itself.
    if (!troubles.slice(0, i).includes(lock)) await noteHosts();
    ends.push(await trouble(scene));
  }
  // After any other trouble the daemon would not tell.
  if (troubles.at(-1) === loop) await noteHosts();
  const begun = performance.now();
  const { code, stderr } = await home.ocap(['daemon', 'stop']);
  const ms = performance.now() - begun;
  const left = daemonsOf(home.dir);
  for (const end of ends) await end();
  const spinning = await stillAlive([...hosts]);
  const started = await home.ocap(['daemon', 'start']);
  await daemon.start();
  return {
    ms,
    facts: [
      {
        fact: `${name}: stop succeeds`,
        holds: code === 0,
        found: `${code}: ${stderr}`,
      },
      {
        fact: `${name}: it does within ${LIMIT_MS / 1000} s`,
        holds: ms < LIMIT_MS,
        found: `${ms.toFixed(0)} ms`,
      },
      {
        fact: `${name}: no daemon is left`,
        holds: left.length === 0,
        found: [...left],
      },
      {
        fact: `${name}: no vat host is left`,
        holds: spinning.length === 0,
        found: [...spinning],
      },
      {
        fact: `${name}: the next start succeeds`,
        holds: started.code === 0,
        found: `${started.code}: ${started.stderr}`,
      },
      await factThat(
        `${name}: all that was answered is there`,
        counter.settle().then(counter.next),
      ),
    ],
  };
};

const stillAlive = async (
  pids: readonly number[],
): Promise<readonly number[]> => {
  const end = performance.now() + HOSTS_END_MS;
  for (;;) {
    const alive = pids.filter(isAlive);
    if (alive.length === 0 || performance.now() > end) return alive;
    await delay(20);
  }
};

await runAlone(import.meta.url, check);
