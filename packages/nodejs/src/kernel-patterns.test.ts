import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { cyclicPatterns, promisePatterns } from './testing/promise-patterns.ts';
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
  launchTrio,
  placements,
  type Placement,
  type Trio,
  type VatName,
} from './testing/three-vats.ts';

const helpers = `
  flood: async (o, tag, count) => { for (let i = 0; i < count - 1; i += 1) E(o).note(tag, i); await E(o).note(tag, count - 1); },
  keeper: () => makeDefaultExo('Keeper', { note, who: () => me }),`;

/** Runs each pattern in vats of its own; says what is left behind by each. */
const runPatterns = async (
  placement: Placement,
  patterns: typeof promisePatterns,
  leftBehind: (title: string, t: TestKernel) => void,
): Promise<void> => {
  const t = await openTestKernel();
  for (const [title, code, expected] of patterns) {
    const trio = await launchTrio(t, placement, {
      a: `${helpers} run: () => { const b = peer('b'); const c = peer('c'); return ${code}; },`,
      b: helpers,
      c: helpers,
    });
    expect(await t.call(trio.a.root, 'run'), title).toStrictEqual(expected);
    await t.call(trio.b.root, 'forget');
    await t.call(trio.c.root, 'forget');
    await settleMessages(t);
    leftBehind(title, t);
    expect(t.kernel.audit().problems, title).toStrictEqual([]);
    await t.kernel.terminateAllVats();
    expect(t.kernel.audit().problems, title).toStrictEqual([]);
  }
};

const nothingWaits = { promises: 0, inbox: 0, promise_queue: 0 };

describe.each(placements)('messages among three vats (%s)', (placement) => {
  it('follow every pattern and leave no promise behind (V-08, V-09)', async () => {
    await runPatterns(placement, promisePatterns, (title, t) => {
      expect(rowCounts(t), title).toMatchObject(nothingWaits);
    });
  }, 60_000);

  it('follow every pattern with a cycle', async () => {
    await runPatterns(placement, cyclicPatterns, (title, t) => {
      const { promises: _, ...others } = nothingWaits;
      expect(rowCounts(t), title).toMatchObject(others);
    });
  }, 60_000);
});

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
    const trio = await launchTrio(t, 'subcluster', {
      a: `run: () => { ${body} },`,
    });
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
    const trio = await launchTrio(t, 'subcluster', {
      a: `run: () => { const { promise: p, resolve } = makePromiseKit(); resolve(harden({ p })); return harden([p]); },`,
    });
    await t.call(trio.a.root, 'run');
    expect(t.kernel.audit().problems).toStrictEqual([]);
  });
});

/** What may come between two steps. */
const breaks = ['the daemon', 'a', 'b', 'c'] as const;
type Break = (typeof breaks)[number];

const restart = async (
  t: TestKernel,
  trio: Trio,
  what: Break,
): Promise<void> => {
  if (what === 'the daemon') {
    await t.reopen();
  } else {
    await t.kernel.restartVat(trio[what].id);
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

/** All steps, with something restarted before one of them; what came of it. */
const takeSteps = async (
  t: TestKernel,
  trio: Trio,
  { steps, result }: RestartPattern,
  broken?: Readonly<{ what: Break; at: number }>,
): Promise<unknown> => {
  for (const [i, step] of steps.entries()) {
    if (i === broken?.at) {
      await restart(t, trio, broken.what);
    }
    await take(t, trio, step);
    await settleMessages(t);
  }
  const outcome = await take(t, trio, result);
  await settleMessages(t);
  return outcome;
};

const isLost = (
  { lost }: RestartPattern,
  { what, at }: Readonly<{ what: Break; at: number }>,
): boolean =>
  lost !== undefined &&
  (what === 'the daemon' || lost.vats.includes(what)) &&
  at >= lost.from &&
  at < lost.until;

describe.each(placements)(
  'a restart between any two steps (%s)',
  (placement) => {
    const rows = restartPatterns.map((row) => [row.title, row] as const);
    it.each(rows)(
      '%s',
      async (_, row) => {
        const t = await openTestKernel();
        const places = breaks.flatMap((what) =>
          row.steps.slice(1).map((_step, i) => ({ what, at: i + 1 })),
        );
        for (const broken of [undefined, ...places]) {
          const title =
            broken === undefined
              ? 'no restart'
              : `${broken.what} before step ${broken.at + 1}`;
          const trio = await launchTrio(t, placement, row.methods);
          expect(sorted(await takeSteps(t, trio, row, broken)), title).toEqual(
            sorted(
              broken !== undefined && isLost(row, broken)
                ? row.lostWhen
                : row.expected,
            ),
          );
          expect(t.kernel.audit().problems, title).toStrictEqual([]);
          expect(rowCounts(t), title).toMatchObject(nothingWaits);
          await t.kernel.terminateAllVats();
        }
      },
      60_000,
    );
  },
);
