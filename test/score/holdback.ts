/**
 * Check 5. What a crank says leaves the daemon only once the crank is on disk.
 * Cranks that answer a client and send to a peer, and then break a rule; and
 * cranks whose daemon dies just before the commit that covers them. Nothing of
 * them may have reached the client or the peer, and nothing be on disk.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RemoteCommsStatus } from '@ocap/kernel';
import { askRaw } from './tools/ask-raw.ts';
import type { Check } from './tools/check.ts';
import { dumpStore } from './tools/dump-store.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchCompromisedVat, launchVat } from './tools/launch-vat.ts';
import { meet } from './tools/meet.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { call, data, done, playing } from './tools/script.ts';

const preload = fileURLToPath(
  new URL('./preloads/die-before-commit.ts', import.meta.url),
);

/** The peer: keeps every text that has reached it. */
const recorder = `
  if (!baggage.has('notes')) baggage.init('notes', VatData.makeScalarBigMapStore('notes', { durable: true }));
  const notes = baggage.get('notes');
  return makeDefaultExo('Recorder', {
    note: (text) => { if (!notes.has(text)) notes.init(text, true); return text; },
    all: () => harden([...notes.keys()]),
  });`;

/**
 * Makes its text itself, so that nothing but what it has done can hold it.
 * `tell` does all that a crank can: writes, sends, answers.
 */
const teller = `
  if (!baggage.has('last')) { baggage.init('last', ''); baggage.init('peer', undefined); }
  return makeDefaultExo('Teller', {
    use: (peer) => { baggage.set('peer', peer); },
    reach: (n) => E(baggage.get('peer')).note(['reached', n].join('-')),
    tell: (n) => {
      const text = ['told', n, 'dead'].join('-');
      baggage.set('last', text);
      E(baggage.get('peer')).note(text);
      return text;
    },
  });`;

type World = Readonly<{
  daemon: ScoreDaemon;
  peer: ScoreDaemon;
  /** The object of the peer, as the daemon has it. */
  seen: string;
  teller: string;
  /** What has reached the peer. */
  notes(): Promise<readonly string[]>;
}>;

export const check: Check = {
  number: 5,
  id: 'holdback',
  title: 'cranks that answer and come to nothing, deaths just before a commit',
  run: async ({ openDaemon, amount, note }) => {
    const world = await openWorld(openDaemon);
    const aborts = amount(30, 400);
    const deaths = amount(4, 100);
    const facts: Fact[] = [];
    for (let trial = 1; trial <= aborts; trial += 1) {
      facts.push(...(await abort(world, trial)));
    }
    const early = (await world.notes()).filter((text) =>
      text.startsWith('secret'),
    );
    facts.push({
      fact: 'nothing of a crank that was undone has reached the peer',
      holds: early.length === 0,
      found: early,
    });
    note(`${aborts} cranks were undone`);
    for (let trial = 1; trial <= deaths; trial += 1) {
      facts.push(...(await die(world, trial)));
      if (trial % 20 === 0) note(`${trial} deaths`);
    }
    await world.daemon.start();
    return judge(facts, {
      value: `${aborts} cranks undone, ${deaths} deaths before a commit`,
      limit: '0 bytes of them reached a client or a peer',
    });
  },
};

const openWorld = async (
  openDaemon: (options?: object) => Promise<ScoreDaemon>,
): Promise<World> => {
  const [daemon, peer] = await Promise.all([
    openDaemon({ compromised: true, preload }),
    openDaemon(),
  ]);
  const { root } = await launchVat(peer, recorder);
  const seen = await meet({ from: peer, to: daemon, root, name: 'peer' });
  const { root: tellerRoot } = await launchVat(daemon, teller);
  await daemon.client.call(tellerRoot, 'use', { '@ref': seen });
  return {
    daemon,
    peer,
    seen,
    teller: tellerRoot,
    notes: async () => (await peer.client.call(root, 'all')) as string[],
  };
};

/** Answers, sends to the peer, writes; and names what it was never given. */
const abort = async (
  { daemon, seen }: World,
  trial: number,
): Promise<readonly Fact[]> => {
  const secret = `secret-${trial}-`;
  const vat = await launchCompromisedVat(daemon, { placement: 'shared' });
  await daemon.client.call(vat.root, 'take', { '@ref': seen });
  const frame = done(
    [
      ['resolve', [['$RESULT', false, data([], `#"${secret}"`)]]],
      ['send', '$OBJECT', call([], `#["note",["${secret}"]]`), null],
      ['send', 'o-99', call(), null],
    ],
    { writes: [['kept', secret]] },
  );
  const params = [vat.root, 'play', playing({ frames: [frame] })];
  const heard = await askRaw(daemon.home.socketPath, 'queueMessage', params);
  return [
    {
      fact: `trial ${trial}: the caller of an undone crank hears that it was`,
      holds: /"error".*broke the rules/u.test(heard),
      found: heard,
    },
    {
      fact: `trial ${trial}: nothing that an undone crank said reaches its caller`,
      holds: !heard.includes(secret),
      found: heard,
    },
  ];
};

/** The daemon is started anew, does what it should, and dies over the next call. */
const die = async (world: World, trial: number): Promise<readonly Fact[]> => {
  const { daemon, teller: target, notes } = world;
  const mark = `told-${trial}-dead`;
  if (daemon.home.daemonPid() !== undefined) await daemon.stop();
  await daemon.start({ SCORE_DIE: mark });
  // So that the peer is there: else that nothing reaches it would mean nothing.
  const reached = await daemon.client.call(target, 'reach', trial);
  const pid = daemon.pid();
  const { socketPath, databasePath } = daemon.home;
  const params = [target, 'tell', [trial]];
  const heard = await askRaw(socketPath, 'queueMessage', params);
  await untilParted(world);
  const arrived = (await notes()).includes(mark);
  const written = [...dumpStore(databasePath).values()]
    .flat()
    .filter((row) => row.includes(mark));
  return [
    {
      fact: `death ${trial}: until then, the peer is reached`,
      holds: reached === `reached-${trial}`,
      found: String(reached),
    },
    {
      fact: `death ${trial}: the daemon died over the commit`,
      holds: daemon.home.daemonPid() === undefined,
      found: `process ${pid} is there`,
    },
    {
      fact: `death ${trial}: 0 bytes reach the client`,
      holds: heard === '',
      found: heard,
    },
    {
      fact: `death ${trial}: nothing reaches the peer`,
      holds: !arrived,
    },
    {
      fact: `death ${trial}: nothing is on disk`,
      holds: written.length === 0,
      found: written,
    },
  ];
};

/** The end of a connection comes after all that was sent on it. */
const untilParted = async ({ daemon, peer }: World): Promise<void> => {
  for (let tries = 0; tries < 400; tries += 1) {
    const comms = (await peer.client.rpc('getStatus')) as Readonly<{
      remoteComms?: RemoteCommsStatus;
    }>;
    const isConnected = comms.remoteComms?.peers.some(
      ({ state }) => state === 'connected',
    );
    const isGone = daemon.home.daemonPid() === undefined;
    if (isGone && isConnected !== true) return;
    await delay(5);
  }
  throw Error('the daemon lives, or its peer does not notice that it does not');
};

await runAlone(import.meta.url, check);
