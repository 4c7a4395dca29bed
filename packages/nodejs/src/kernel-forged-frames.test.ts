import './daemon/lockdown.ts';
import { limitValues } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import {
  openScriptedKernel,
  type ScriptedKernel,
} from './testing/scripted-hosts.ts';

const data = (slots: string[] = [], body = '#null') => ({ body, slots });
const call = (slots: string[] = []) => data(slots, '#["hi",[]]');

/** All rows, but for what belongs to the vat that is to go. */
const rowsWithout = ({ kernel }: ScriptedKernel, vat: string) => ({
  clist: kernel.executeDBQuery(
    `SELECT * FROM clist WHERE endpoint <> '${vat}'`,
  ),
  vatstore: kernel.executeDBQuery(
    `SELECT * FROM vatstore WHERE vat_id <> '${vat}'`,
  ),
  inbox: kernel.executeDBQuery(
    `SELECT kind, target FROM inbox WHERE vat_id <> '${vat}'`,
  ),
  objects: kernel.executeDBQuery(
    `SELECT * FROM objects WHERE owner <> '${vat}'`,
  ),
  vats: kernel.executeDBQuery(`SELECT * FROM vats WHERE id <> '${vat}'`),
});

const illegal: [string, unknown[][]][] = [
  [
    'sends to an import that it was never given',
    [['send', 'o-99', call(), null]],
  ],
  [
    'passes an import that it was never given',
    [['send', 'o+0', call(['o-99']), null]],
  ],
  [
    'settles a promise of the kernel that it was never given',
    [['resolve', [['p-77', false, data()]]]],
  ],
  [
    'settles a promise twice in one breath',
    [
      [
        'resolve',
        [
          ['p+5', false, data()],
          ['p+5', false, data()],
        ],
      ],
    ],
  ],
  [
    'settles a promise that it sent as a result',
    [
      ['send', 'o+0', call(), 'p+5'],
      ['resolve', [['p+5', false, data()]]],
    ],
  ],
  [
    'uses one promise as the result of two messages',
    [
      ['send', 'o+0', call(), 'p+5'],
      ['send', 'o+0', call(), 'p+5'],
    ],
  ],
  ['drops what it never had', [['dropImports', ['o-99']]]],
  ['drops an export as if it were an import', [['dropImports', ['o+0']]]],
  ['retires an import as if it were an export', [['retireExports', ['o-99']]]],
  ['subscribes to a promise that it was never given', [['subscribe', 'p-77']]],
  ['says a kref in place of a vref', [['send', 'ko1', call(), null]]],
  ['drops a promise like an object', [['dropImports', ['p-1']]]],
  ['makes a syscall that there is not', [['__proto__', 'o+0']]],
  [
    'makes more syscalls than a crank may',
    Array.from({ length: limitValues().crankSyscalls }, () => [
      'send',
      'o+0',
      call(),
      null,
    ]),
  ],
  [
    'passes more references than a message may carry',
    [
      [
        'send',
        'o+0',
        call(
          Array.from(
            { length: limitValues().messageSlots + 1 },
            (_, i) => `o+${i + 9}`,
          ),
        ),
        null,
      ],
    ],
  ],
  [
    'says more than a crank may',
    [['send', 'o+0', data([], 'x'.repeat(limitValues().crankBytes)), null]],
  ],
];

describe('a compromised host', () => {
  it.each(illegal)(
    'that %s is terminated, and nothing it did counts (V-05)',
    async (_, syscalls) => {
      const t = await openScriptedKernel();
      const root = await t.launch(2);
      const before = rowsWithout(t, 'v1');
      const answer = t.kernel
        .queueMessage(root, 'go', [])
        .catch((e: unknown) => String(e));
      const legal = [['send', 'o+0', call(), null]];
      t.done(await t.nextFrame(), {
        // Before and after it something legal: neither hides the other.
        syscalls: [...legal, ...syscalls, ...legal],
        writes: [['stolen', 'x']],
      });
      expect(await answer).toMatch(/broke the rules/u);
      expect(rowsWithout(t, 'v1')).toStrictEqual(before);
      expect(t.kernel.getStatus().vats.map(({ id }) => id)).toStrictEqual([
        'v2',
      ]);
      expect(t.kernel.audit().problems).toStrictEqual([]);
    },
  );

  const doneLine = (fields: object): string =>
    JSON.stringify({
      type: 'done',
      vat: 'v1',
      syscalls: [],
      writes: [],
      ...fields,
    });
  const malformed: [string, (frame: { seq: number }) => string][] = [
    ['no JSON', () => 'hello'],
    ['JSON that is no object', () => '[]'],
    ['an unknown type', () => '{"type":"root"}'],
    [
      'a done without syscalls',
      ({ seq }) => JSON.stringify({ type: 'done', vat: 'v1', seq }),
    ],
    ['an answer out of turn', ({ seq }) => doneLine({ seq: seq + 1 })],
    ['an answer for another vat', ({ seq }) => doneLine({ seq, vat: 'v2' })],
    [
      'a write that is no pair',
      ({ seq }) => doneLine({ seq, writes: [['a']] }),
    ],
    [
      'a heap of a size that is none',
      ({ seq }) => doneLine({ seq, heapBytes: 0.5 }),
    ],
    [
      'a log of an unknown level',
      () => '{"type":"log","vat":"v1","level":"__proto__","text":"x"}',
    ],
  ];

  it.each(malformed)('that says %s is ended', async (_, line) => {
    const t = await openScriptedKernel();
    const root = await t.launch(2);
    const before = rowsWithout(t, 'v1');
    const answer = t.kernel
      .queueMessage(root, 'go', [])
      .then(({ body }) => body, String);
    t.say('v1', line(await t.nextFrame()));
    expect(t.killed).toStrictEqual([
      expect.stringMatching(/broke the protocol/u),
    ]);
    expect(rowsWithout(t, 'v1')).toStrictEqual(before);
    // The vat itself has done nothing wrong that is known: it starts anew.
    const start = await t.nextFrame();
    expect(start).toMatchObject({ type: 'start', vat: 'v1' });
    expect(t.kernel.audit().problems).toStrictEqual([]);
    // A host that does it over the same message again has done so for ever.
    t.done(start, { methods: [] });
    t.say('v1', line(await t.nextFrame()));
    await expect(answer).resolves.toMatch(/process died 2 times over it/u);
  });

  it.each([
    ['another vat’s key', '{"vat":"v2","get":"a"}'],
    ['a page of another vat', '{"vat":"v2","after":"","count":10}'],
    ['a page without end', '{"vat":"v1","after":"","count":100000}'],
    ['no vat', '{"get":"a"}'],
    ['no JSON', 'x'],
  ])('cannot read %s', async (_, line) => {
    const t = await openScriptedKernel();
    await t.launch(2);
    expect(() => t.read('v1', line)).toThrow();
  });

  it('reads its own keys, and sees only its own', async () => {
    const t = await openScriptedKernel();
    const root = await t.launch(2);
    void t.kernel.queueMessage(root, 'go', []).catch(() => undefined);
    t.done(await t.nextFrame(), {
      writes: [
        ['b', '2'],
        ['a', '1'],
        ['c', null],
      ],
    });
    expect(t.read('v1', '{"vat":"v1","get":"a"}')).toStrictEqual({
      value: '1',
    });
    expect(t.read('v1', '{"vat":"v1","get":"c"}')).toStrictEqual({
      value: null,
    });
    expect(t.read('v1', '{"vat":"v1","after":"","count":10}')).toStrictEqual({
      entries: [
        ['a', '1'],
        ['b', '2'],
      ],
    });
    expect(t.read('v2', '{"vat":"v2","after":"","count":10}')).toStrictEqual({
      entries: [],
    });
  });
});

describe('an answer', () => {
  it('does not leave when the crank that gave it is undone', async () => {
    const t = await openScriptedKernel();
    const root = await t.launch(1);
    const answers: string[] = [];
    const asked = t.kernel.queueMessage(root, 'go', []).then(
      ({ body }) => answers.push(body),
      (e: unknown) => answers.push(String(e)),
    );
    const frame = await t.nextFrame();
    const [, , message] = (
      frame as unknown as { delivery: [string, string, { result: string }] }
    ).delivery;
    t.done(frame, {
      syscalls: [
        ['resolve', [[message.result, false, data([], '#"secret"')]]],
        ['exit', true, data([], '#"changed my mind"')],
      ],
    });
    await asked;
    expect(answers).toStrictEqual([
      expect.stringMatching(
        /terminated: it ended itself with a failure \(changed my mind\)/u,
      ),
    ]);
  });

  it('is not lost when another vat’s crank is undone meanwhile (V-06)', async () => {
    const t = await openScriptedKernel();
    const root = await t.launch(2);
    const other = t.kernel.executeDBQuery(
      `SELECT kref FROM objects WHERE owner = 'v2'`,
    )[0]?.['kref'];
    const bad = t.kernel
      .queueMessage(root, 'go', [])
      .catch((e: unknown) => String(e));
    const badFrame = await t.nextFrame();
    const good = t.kernel.queueMessage(String(other), 'hi', []);
    const goodFrame = await t.nextFrame();
    t.done(badFrame, { syscalls: [['send', 'o-99', call(), null]] });
    const [, , message] = (
      goodFrame as unknown as { delivery: [string, string, { result: string }] }
    ).delivery;
    t.done(goodFrame, {
      syscalls: [['resolve', [[message.result, false, data([], '#"good"')]]]],
    });
    expect((await good).body).toBe('#"good"');
    expect(await bad).toMatch(/broke the rules/u);
  });
});

describe('a vat that breaks the rules while it is born', () => {
  it('launches nothing, and is taken off its host with the others', async () => {
    const t = await openScriptedKernel();
    const launched = t.kernel
      .launchSubcluster({
        bootstrap: 'a',
        vats: { a: { bundleSpec: 'x' }, b: { bundleSpec: 'x' } },
      })
      .then(
        () => 'launched',
        (error: unknown) => String(error),
      );
    t.done(await t.nextFrame(), { methods: [] });
    t.done(await t.nextFrame(), {
      methods: [],
      syscalls: [['subscribe', 'p-77']],
    });
    expect(await launched).toMatch(
      /Vat "b" did not start: it broke the rules: .*p-77.*Nothing was launched/u,
    );
    expect(t.kernel.getStatus()).toMatchObject({
      vats: [],
      subclusters: [],
      hosts: [],
    });
    expect(t.kernel.audit().problems).toStrictEqual([]);
    expect(t.killed).toHaveLength(1);
  });
});

describe('a vat that ends', () => {
  it('is not told how what it has sent to itself has ended', async () => {
    const { kernel, launch, nextFrame, done } = await openScriptedKernel();
    const root = await launch(1);
    const calling = kernel.queueMessage(root, 'go', []).catch(String);
    done(await nextFrame(), {
      syscalls: [
        ['send', 'o+0', call(), 'p+5'],
        ['subscribe', 'p+5'],
        ['exit', false, data()],
      ],
    });
    expect(await calling).toMatch(/VAT_TERMINATED/u);
    expect(kernel.executeDBQuery('SELECT * FROM inbox')).toStrictEqual([]);
    expect(kernel.audit().problems).toStrictEqual([]);
  });
});
