/**
 * Check 6. A crank that writes and sends and then breaks a rule counts for
 * nothing. What is left in the database is compared, row by row, with a twin in
 * which the vat had done nothing when an operator ended it: no more and no less
 * may have changed. Calls of others that come in meanwhile are answered, once.
 */
import { copyFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@ocap/kernel-utils';
import type { Check } from './tools/check.ts';
import { differences, dumpStore, type Dump } from './tools/dump-store.ts';
import { judge, type Fact } from './tools/facts.ts';
import {
  launchCompromisedVat,
  launchVat,
  type LaunchedVat,
} from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { call, data, done, playing } from './tools/script.ts';

/** All that a vat can do in a crank, before and after what it must not do. */
const legal: readonly unknown[] = [
  ['send', '$OBJECT', call(['o+7', 'p+8']), 'p+9'],
  ['send', 'o+0', call(['o+10']), null],
  ['subscribe', 'p+9'],
  ['resolve', [['$RESULT', false, data(['o+11'], '#"$0"')]]],
];
const legalAfter: readonly unknown[] = [
  ['send', '$OBJECT', call(), null],
  ['dropImports', ['$OBJECT']],
];
const writes = [
  ['a', 'b'],
  ['baggage', 'gone'],
];

/** What ends the crank, and why the caller is told that it did. */
const endings: readonly (readonly [string, unknown, RegExp])[] = [
  [
    'names what it was never given',
    ['send', 'o-99', call(), null],
    /broke the rules.*never given/u,
  ],
  [
    'settles its result again',
    ['resolve', [['$RESULT', false, data()]]],
    /broke the rules/u,
  ],
  [
    'drops what it never had',
    ['dropImports', ['o-98']],
    /broke the rules.*not an import/u,
  ],
  [
    'ends itself with a failure',
    ['exit', true, data([], '#"changed my mind"')],
    /failure.*changed my mind/u,
  ],
];

/** While a vat thinks about its illegal crank, others are called. */
const THINKS_MS = 40;

export const check: Check = {
  number: 6,
  id: 'abort-crank',
  title: 'a crank that writes and sends, and then makes an illegal syscall',
  run: async ({ openDaemon, amount }) => {
    const facts: Fact[] = [];
    const daemon = await openDaemon({ compromised: true });
    const twin = await openDaemon({ compromised: true });
    for (const [name, syscall, reason] of endings) {
      const scene = await openScene(daemon);
      await moveInto(daemon, twin);
      // After it: what a host knows ends with it.
      for (const each of [daemon, twin]) await give(each, scene);
      const frame = done([...legal, syscall, ...legalAfter], { writes });
      const told = await play(daemon, scene, frame);
      // The same call, over which nothing was done when somebody ended the vat.
      const stopped = play(twin, scene);
      await untilBusy(twin, scene.vat.id);
      await twin.client.rpc('terminateVat', { id: scene.vat.id });
      await stopped;
      const changed = differences(
        await settled(twin, scene),
        await settled(daemon, scene),
      );
      facts.push(
        {
          fact: `a vat that ${name}: the caller is told ${reason}`,
          holds: reason.test(told),
          found: told,
        },
        {
          fact: `a vat that ${name}: the database is what it was, but for the end of the vat`,
          holds: changed.length === 0,
          found: [...changed],
        },
      );
    }
    const rounds = amount(3, 40);
    const calls = amount(250, 1000);
    for (let round = 0; round < rounds; round += 1) {
      facts.push(...(await meanwhile(daemon, calls)));
    }
    return judge(facts, {
      value: `${endings.length} endings, ${rounds} × ${calls} calls meanwhile`,
      limit: 'database as before, reason told, calls meanwhile untouched',
    });
  },
};

type Scene = Readonly<{
  vat: LaunchedVat;
  /** Counts, durably, also the calls of an object that the other vat gets. */
  ledger: string;
}>;

const openScene = async (daemon: ScoreDaemon): Promise<Scene> => {
  const { root: ledger } = await launchVat(
    daemon,
    `if (!baggage.has('n')) { baggage.init('n', 0); baggage.init('kind', VatData.makeKindHandle('Thing')); }
     const add = () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); };
     const make = VatData.defineDurableKind(baggage.get('kind'), () => ({}), { hi: () => { add(); } });
     return makeDefaultExo('Ledger', {
       give: (to) => { if (!baggage.has('thing')) baggage.init('thing', make()); return E(to).take(baggage.get('thing')); },
       add, count: () => baggage.get('n') });`,
  );
  return { vat: await launchCompromisedVat(daemon), ledger };
};

const give = async (
  { client }: ScoreDaemon,
  { vat, ledger }: Scene,
): Promise<unknown> => client.call(ledger, 'give', { '@ref': vat.root });

/** Gives the twin the database of the other; both run afterwards. */
const moveInto = async (from: ScoreDaemon, to: ScoreDaemon): Promise<void> => {
  await Promise.all([from.stop(), to.stop()]);
  await copyFile(from.home.databasePath, to.home.databasePath);
  await Promise.all([from.start(), to.start()]);
};

/** Why the call came to nothing; without a frame nothing comes of it. */
const play = async (
  daemon: ScoreDaemon,
  { vat }: Scene,
  frame?: string,
): Promise<string> => {
  const script =
    frame === undefined
      ? { frames: [''], delayMs: 60_000 }
      : { frames: [frame] };
  return daemon.client
    .send(vat.root, 'play', playing(script))
    .then(({ body }) => `answered ${body}`, messageOf);
};

const untilBusy = async (daemon: ScoreDaemon, id: string): Promise<void> => {
  for (;;) {
    const { vats } = await daemon.status();
    if (vats.find((vat) => vat.id === id)?.state === 'busy') return;
    await delay(5);
  }
};

/** What is on disk when nothing is under way, without the words why a vat ended, and when. */
const settled = async (
  daemon: ScoreDaemon,
  { ledger }: Scene,
): Promise<Dump> => {
  // So that both have told it what of its objects nobody holds any more.
  await daemon.client.call(ledger, 'count');
  for (let tries = 0; tries < 100; tries += 1) {
    const [row] = await daemon.query(
      'SELECT (SELECT count(*) FROM gc_actions) + (SELECT count(*) FROM inbox) AS n',
    );
    if (row?.['n'] === 0) break;
    await delay(20);
  }
  const dump = dumpStore(daemon.home.databasePath);
  return new Map(
    [...dump].map(([table, rows]) => [
      table,
      rows.map((row) =>
        row
          .replaceAll(/terminated: [^"]*/gu, 'terminated')
          .replaceAll(/reason\\":\\"[^"]*"/gu, 'reason')
          .replaceAll(/at\\?":\d+/gu, 'at"')
          // The checksum of the row, which has the time in it.
          .replaceAll(/,"sum":\d+/gu, ''),
      ),
    ]),
  );
};

/** Others are called while a vat's crank is on its way to be undone. */
const meanwhile = async (
  daemon: ScoreDaemon,
  calls: number,
): Promise<readonly Fact[]> => {
  const scene = await openScene(daemon);
  const { vat, ledger } = scene;
  await give(daemon, scene);
  const frame = done([...legal, ['dropImports', ['o-98']]], { writes });
  const script = playing({ frames: [frame], delayMs: THINKS_MS });
  const told = daemon.client
    .send(vat.root, 'play', script)
    .then(String, messageOf);
  // To the same vat: they come to nothing, and their callers are told so, too.
  const behind = Array.from({ length: 10 }, async () =>
    daemon.client.call(vat.root, 'hi').then(String, messageOf),
  );
  const answers: unknown[] = [];
  const end = performance.now() + 2 * THINKS_MS;
  while (answers.length < calls || performance.now() < end) {
    const batch = Array.from({ length: 25 }, async () =>
      daemon.client.call(ledger, 'add').catch(messageOf),
    );
    answers.push(...(await Promise.all(batch)));
  }
  const refused = [await told, ...(await Promise.all(behind))];
  const count = await daemon.client.call(ledger, 'count');
  return [
    {
      fact: 'each call accepted meanwhile is answered, and was done once',
      holds: answers.every((answer, i) => answer === i + 1),
      found: answers
        .filter((answer, i) => answer !== i + 1)
        .slice(0, 5)
        .map(String),
    },
    {
      fact: 'nothing that the undone crank sent has arrived',
      holds: count === answers.length,
      found: `${String(count)} and not ${answers.length}`,
    },
    {
      fact: 'who waits for the vat itself is told why it ended',
      holds: refused.every((text) => /terminated.*broke the rules/u.test(text)),
      found: refused,
    },
  ];
};

await runAlone(import.meta.url, check);
