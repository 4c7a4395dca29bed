import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import {
  cyclicPatterns,
  methodsOf,
  promisePatterns,
} from './testing/promise-patterns.ts';
import {
  restartPatterns,
  type RestartPattern,
  type Step,
} from './testing/restart-patterns.ts';
import {
  rowCounts,
  settleGarbage,
  settleMessages,
} from './testing/settle-garbage.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import {
  launchTrios,
  launchTriosAcross,
  type Methods,
  type Trio,
  type TrioHome,
  type VatName,
} from './testing/three-vats.ts';

/** Where the three vats of each pattern are: all in one host, or in three. */
const layouts: readonly (readonly [
  string,
  (t: TestKernel, trios: readonly Methods[]) => Promise<readonly Trio[]>,
])[] = [
  ['one host', async (t, trios) => launchTrios(homeOf(t), trios)],
  [
    'three hosts',
    async (t, trios) => {
      const home = homeOf(t);
      const homes = { a: home, b: home, c: home };
      return launchTriosAcross(homes, async (_, root) => root, trios);
    },
  ],
];

const homeOf = (t: TestKernel): TrioHome => ({
  launchSubcluster: t.kernel.launchSubcluster,
  call: t.call,
});

type Launch = (typeof layouts)[number][1];

/** Runs each pattern in vats of its own; says what is left behind by each. */
const runPatterns = async (
  launch: Launch,
  patterns: typeof promisePatterns,
  leftBehind: (title: string, t: TestKernel) => void,
): Promise<void> => {
  const t = await openTestKernel();
  const trios = await launch(t, methodsOf(patterns));
  for (const [index, [title, , expected]] of patterns.entries()) {
    const { a, b, c } = trios[index] as Trio;
    expect(await t.call(a.root, 'run'), title).toStrictEqual(expected);
    await t.call(b.root, 'forget');
    await t.call(c.root, 'forget');
    await settleMessages(t);
    leftBehind(title, t);
    expect(t.kernel.audit().problems, title).toStrictEqual([]);
  }
  await t.kernel.terminateAllVats();
  expect(t.kernel.audit().problems).toStrictEqual([]);
};

const nothingWaits = { promises: 0, inbox: 0, promise_queue: 0 };

describe.each(layouts)('messages among three vats (%s)', (_, launch) => {
  it('follow every pattern and leave no promise behind (V-08, V-09)', async () => {
    await runPatterns(launch, promisePatterns, (title, t) => {
      expect(rowCounts(t), title).toMatchObject(nothingWaits);
    });
  }, 60_000);

  it('follow every pattern with a cycle', async () => {
    await runPatterns(launch, cyclicPatterns, (title, t) => {
      const { promises: _rows, ...others } = nothingWaits;
      expect(rowCounts(t), title).toMatchObject(others);
    });
  }, 60_000);
});

const launchOne = async (t: TestKernel, methodsOfA: string): Promise<Trio> => {
  const [trio] = await launchTrios(homeOf(t), [{ a: methodsOfA }]);
  return trio as Trio;
};

describe('promises that have settled to data with each other', () => {
  const cycles: [string, string][] = [
    [
      'one with itself',
      `const p = kit('x').promise; kit('x').resolve(harden({ p })); return E(peer('b')).echo(harden([p])).then(() => 'done');`,
    ],
    [
      'two of one vat',
      `const p = kit('x').promise; const q = kit('y').promise; kit('x').resolve(harden({ q })); kit('y').resolve(harden({ p })); return E(peer('b')).echo(harden([p])).then(() => 'done');`,
    ],
    [
      'two of two vats',
      `const p = E(peer('b')).later('x'); const q = E(peer('c')).later('y'); return Promise.all([E(peer('b')).settle('x', harden({ q })), E(peer('c')).settle('y', harden({ p }))]).then(() => 'done');`,
    ],
  ];
  it.each(cycles)('leave no rows: %s (V-09)', async (_, body) => {
    const t = await openTestKernel();
    const trio = await launchOne(t, `run: () => { ${body} },`);
    expect(await t.call(trio.a.root, 'run')).toBe('done');
    for (const { root } of Object.values(trio)) {
      await t.call(root, 'forget');
    }
    await settleGarbage(t);
    expect(t.kernel.executeDBQuery('SELECT * FROM promises')).toEqual([]);
  });
});

describe('a promise that has settled to data with itself', () => {
  it('is counted right while a client holds it', async () => {
    const t = await openTestKernel();
    const trio = await launchOne(
      t,
      `run: () => { const { promise: p, resolve } = makePromiseKit(); resolve(harden({ p })); return harden([p]); },`,
    );
    await t.call(trio.a.root, 'run');
    expect(t.kernel.audit().problems).toStrictEqual([]);
  });
});

/** What may come between two steps. */
const breaks = ['the daemon', 'a', 'b', 'c'] as const;
type Break = (typeof breaks)[number];

const restart = async (
  t: TestKernel,
  trios: readonly Trio[],
  what: Break,
): Promise<void> => {
  if (what === 'the daemon') {
    await t.reopen();
  } else {
    for (const trio of trios) {
      await t.kernel.restartVat(trio[what].id);
    }
  }
};

const take = async (
  t: TestKernel,
  trio: Trio,
  [vat, method, ...args]: Step,
): Promise<unknown> =>
  t.call(
    trio[vat].root,
    method,
    ...args.map((arg) =>
      typeof arg === 'string' && arg.startsWith('@')
        ? { '@ref': trio[arg.slice(1) as VatName].root }
        : arg,
    ),
  );

/** Several notes come in any order: what waits for what is the vats' business. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? [...value].sort((x, y) =>
        JSON.stringify(x) < JSON.stringify(y) ? -1 : 1,
      )
    : value;

type Broken = Readonly<{ what: Break; at: number }>;

/** All steps of patterns side by side, with something restarted before one of them. */
const takeSteps = async (
  t: TestKernel,
  rows: readonly RestartPattern[],
  trios: readonly Trio[],
  broken?: Broken,
): Promise<readonly unknown[]> => {
  const takeAll = async (
    stepOf: (row: RestartPattern) => Step | undefined,
  ): Promise<readonly unknown[]> => {
    const outcomes = await Promise.all(
      rows.map(async (row, index) => {
        const step = stepOf(row);
        return step && take(t, trios[index] as Trio, step);
      }),
    );
    await settleMessages(t);
    return outcomes;
  };
  const longest = Math.max(...rows.map(({ steps }) => steps.length));
  for (let at = 0; at < longest; at += 1) {
    if (at === broken?.at) {
      await restart(t, trios, broken.what);
    }
    await takeAll(({ steps }) => steps[at]);
  }
  return takeAll(({ result }) => result);
};

const isLost = ({ lost }: RestartPattern, { what, at }: Broken): boolean =>
  lost !== undefined &&
  (what === 'the daemon' || lost.vats.includes(what)) &&
  at >= lost.from &&
  at < lost.until;

describe.each(layouts)('a restart between two steps (%s)', (_, launch) => {
  /** Of all patterns that have a step after it. */
  const play = async (broken?: Broken): Promise<void> => {
    const t = await openTestKernel();
    const rows = restartPatterns.filter(
      ({ steps }) => broken === undefined || broken.at < steps.length,
    );
    const trios = await launch(
      t,
      rows.map(({ methods = {} }) => methods),
    );
    const outcomes = await takeSteps(t, rows, trios, broken);
    for (const [index, row] of rows.entries()) {
      const lost = broken !== undefined && isLost(row, broken);
      expect(sorted(outcomes[index]), row.title).toEqual(
        sorted(lost ? row.lostWhen : row.expected),
      );
    }
    expect(t.kernel.audit().problems).toStrictEqual([]);
    expect(rowCounts(t)).toMatchObject(nothingWaits);
    await t.kernel.terminateAllVats();
  };

  it('that does not come', async () => {
    await play();
  });

  const steps = restartPatterns.map((row) => row.steps.length);
  const places = Array.from(
    { length: Math.max(...steps) - 1 },
    (__, i) => i + 1,
  );
  it.each(
    breaks.flatMap((what) => places.map((at) => [what, at + 1, at] as const)),
  )('of %s, before step %d', async (what, _step, at) => {
    await play({ what, at });
  });
});
