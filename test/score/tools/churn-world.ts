/**
 * Two daemons that have only a relay in common, behind one wire, and numbered
 * calls from each to the other: of a client to a ledger over there, and of a
 * vat that sends many at a time without waiting.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RelaySettings } from '@ocap/nodejs/client';
import type { RemoteCommsStatus } from '@ocap/kernel';
import type { Fact } from './facts.ts';
import { openWire, type Wire } from './breakable-wire.ts';
import { launchVat } from './launch-vat.ts';
import { passByUrl } from './meet.ts';
import { startNumberedStream, type NumberedStream } from './numbered-stream.ts';
import { openScoreRelay, type ScoreRelay } from './relay-process.ts';
import type { ScoreDaemon } from './score-daemon.ts';

/** What one message of the vat makes it send. */
const BATCH = 10;
const CALLS_IN_FLIGHT = 8;
const CALL_PAUSE_MS = 10;
const BATCH_PAUSE_MS = 100;

/** Notes every number that does not follow the one before. */
const ledger = `
  if (!baggage.has('last')) { baggage.init('last', 0); baggage.init('wrong', harden([])); }
  return makeDefaultExo('Ledger', {
    note: (n) => {
      const last = baggage.get('last');
      if (n !== last + 1) baggage.set('wrong', harden([...baggage.get('wrong'), last + ' was followed by ' + n].slice(0, 20)));
      baggage.set('last', n);
      return n;
    },
    read: () => harden({ last: baggage.get('last'), wrong: baggage.get('wrong') }),
  });`;

/** Its answer is that it has sent. */
const sender = `
  return makeDefaultExo('Sender', {
    use: (ledger) => { baggage.init('ledger', ledger); },
    pass: (n) => {
      for (let i = ${BATCH} * (n - 1) + 1; i <= ${BATCH} * n; i += 1) E(baggage.get('ledger')).note(i);
      return n;
    },
  });`;

/** From one daemon to the other. */
export type Way = Readonly<{
  name: string;
  calls: NumberedStream;
  batches: NumberedStream;
  /** What the ledgers over there say of it; to be asked when all is over. */
  facts(): Promise<readonly Fact[]>;
}>;

export type ChurnWorld = Readonly<{
  daemons: readonly ScoreDaemon[];
  relay: ScoreRelay;
  wire: Wire;
  ways: readonly Way[];
  close(): Promise<void>;
}>;

export const openChurnWorld = async (
  openDaemon: () => Promise<ScoreDaemon>,
  limits: NonNullable<RelaySettings['limits']>,
): Promise<ChurnWorld> => {
  let relay: ScoreRelay | undefined;
  const wire = await openWire(() => relay?.port ?? 0);
  try {
    relay = await openScoreRelay(wire.port, limits);
    const [a, b] = await Promise.all([openDaemon(), openDaemon()]);
    const at = `/ip4/127.0.0.1/tcp/${wire.port}/p2p/${relay.peerId}`;
    await Promise.all([a, b].map(async (one) => reachableAt(one, at)));
    const ways = [await openWay('a to b', a, b), await openWay('b to a', b, a)];
    const made = relay;
    return {
      daemons: [a, b],
      relay,
      wire,
      ways,
      close: async () => {
        for (const { calls, batches } of ways) {
          calls.stop();
          batches.stop();
        }
        await made.close();
        wire.close();
      },
    };
  } catch (error) {
    await relay?.close();
    wire.close();
    throw error;
  }
};

/** Returns once the relay makes it so. */
const reachableAt = async (
  { client, status }: ScoreDaemon,
  relay: string,
): Promise<void> => {
  await client.rpc('initRemoteComms', { relays: [relay] });
  const isReachable = async (): Promise<boolean> =>
    (await status()).remoteComms?.addresses.length !== 0;
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isReachable()) return;
    await delay(25);
  }
  throw Error('the relay has made no reservation');
};

const openWay = async (
  name: string,
  from: ScoreDaemon,
  to: ScoreDaemon,
): Promise<Way> => {
  const ledgers = await Promise.all([
    launchVat(to, ledger),
    launchVat(to, ledger),
  ]);
  const seen: string[] = [];
  for (const { root } of ledgers) {
    seen.push(await passByUrl({ from: to, to: from, root }));
  }
  const [forCalls = '', forBatches = ''] = seen;
  const { root: passer } = await launchVat(from, sender);
  await from.client.call(passer, 'use', { '@ref': forBatches });
  const { socketPath } = from.home;
  const calls = startNumberedStream({
    socketPath,
    target: forCalls,
    method: 'note',
    name: `${name} call`,
    inFlight: CALLS_IN_FLIGHT,
    pauseMs: CALL_PAUSE_MS,
  });
  const batches = startNumberedStream({
    socketPath,
    target: passer,
    method: 'pass',
    name: `${name} batch`,
    inFlight: 1,
    pauseMs: BATCH_PAUSE_MS,
  });
  return {
    name,
    calls,
    batches,
    facts: async () => [
      ...(await factsOf(`${name}, calls`, to, ledgers[0].root, calls, 1)),
      ...(await factsOf(`${name}, sends`, to, ledgers[1].root, batches, BATCH)),
    ],
  };
};

const factsOf = async (
  name: string,
  { client }: ScoreDaemon,
  root: string,
  stream: NumberedStream,
  each: number,
): Promise<readonly Fact[]> => {
  const books = (await client.call(root, 'read')) as {
    last: number;
    wrong: string[];
  };
  const { last, wrong } = books;
  return [
    {
      fact: `${name}: each is answered, with what it is`,
      holds:
        stream.problem() === undefined && stream.answered() === stream.sent(),
      found: stream.problem() ?? `${stream.answered()} of ${stream.sent()}`,
    },
    {
      fact: `${name}: every number arrives once and in order`,
      holds: wrong.length === 0 && last === stream.sent() * each,
      found: { last, sent: stream.sent() * each, wrong },
    },
  ];
};

/** What one daemon has for the other that is not acknowledged. */
export const queuesOf = ({
  remoteComms,
}: Readonly<{ remoteComms?: RemoteCommsStatus }>) => {
  const peers = remoteComms?.peers ?? [];
  return {
    frames: Math.max(0, ...peers.map(({ queued }) => queued)),
    inbox: Math.max(0, ...peers.map(({ inbox }) => inbox)),
  };
};
