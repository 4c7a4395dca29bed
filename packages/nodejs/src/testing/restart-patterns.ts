/**
 * Patterns whose steps a client drives, so that a restart fits between any two
 * of them. What a vat must still know afterwards is in its baggage; a promise
 * that only its decider's heap could have settled is rejected instead.
 */
import { expect } from 'vitest';
import type { VatName } from './three-vats.ts';

/** Vat, method, arguments; `@b` stands for the root of `b`. */
export type Step = readonly [VatName, string, ...unknown[]];

export type RestartPattern = Readonly<{
  title: string;
  methods?: Partial<Record<VatName, string>>;
  steps: readonly Step[];
  result: Step;
  expected: unknown;
  /** Whose restart before which steps (counted from 0) loses the promise. */
  lost?: Readonly<{ vats: readonly VatName[]; from: number; until: number }>;
  lostWhen?: unknown;
}>;

const restarted: unknown = expect.stringMatching(
  /^The vat v\d+ lost its heap/u,
);

export const restartPatterns: readonly RestartPattern[] = [
  {
    title: 'a durable object is passed on, kept and called',
    methods: {
      a: `fetch: async () => { kept.init('x', await E(peer('c')).thing('t')); },
          pass: () => E(peer('b')).keep('x', kept.get('x')),`,
    },
    steps: [
      ['a', 'fetch'],
      ['a', 'pass'],
      ['b', 'callKept', 'x', 'inc'],
      ['a', 'callKept', 'x', 'inc'],
      ['b', 'callKept', 'x', 'inc'],
    ],
    result: ['b', 'callKept', 'x', 'inc'],
    expected: 4,
  },
  {
    title: 'a durable object comes back to its vat as itself',
    methods: {
      c: `mine: () => { const o = makeThing('m'); kept.init('mine', o); return o; },
          isMine: (o) => { kept.init('is', o === kept.get('mine')); },`,
      a: `fetch: async () => { kept.init('x', await E(peer('c')).mine()); },
          pass: () => E(peer('b')).keep('x', kept.get('x')),`,
      b: `back: () => E(peer('c')).isMine(kept.get('x')),`,
    },
    steps: [
      ['a', 'fetch'],
      ['a', 'pass'],
      ['b', 'back'],
    ],
    result: ['c', 'kept', 'is'],
    expected: true,
  },
  {
    title: 'notes are in order, each of them once',
    steps: [
      ['a', 'ask', 'c', 'note', 1],
      ['b', 'ask', 'c', 'note', 2],
      ['a', 'ask', 'c', 'note', 3],
      ['c', 'note', 4],
    ],
    result: ['c', 'notes'],
    expected: [1, 2, 3, 4],
  },
  {
    title: 'a watched promise of another vat is settled',
    methods: {
      a: `begin: () => E(peer('b')).watch(E(peer('c')).later('x'), 'w'),`,
    },
    steps: [
      ['a', 'begin'],
      ['a', 'note', 'between'],
      ['c', 'settle', 'x', 'done'],
    ],
    result: ['b', 'notes'],
    expected: [['fulfilled', 'w', 'done']],
    lost: { vats: ['c'], from: 1, until: 3 },
    lostWhen: [['rejected', 'w', restarted]],
  },
  {
    title: 'a watched promise of another vat is rejected',
    methods: {
      a: `begin: () => E(peer('b')).watch(E(peer('c')).later('x'), 'w'),`,
    },
    steps: [
      ['a', 'begin'],
      ['a', 'note', 'between'],
      ['c', 'reject', 'x', 'sorry'],
    ],
    result: ['b', 'notes'],
    expected: [['rejected', 'w', 'sorry']],
    lost: { vats: ['c'], from: 1, until: 3 },
    lostWhen: [['rejected', 'w', restarted]],
  },
  {
    title: 'a watched promise settles to a durable object',
    methods: {
      a: `begin: () => E(peer('b')).watch(E(peer('c')).later('x'), 'w'),`,
      c: `finish: () => { kit('x').resolve(makeThing('late')); },`,
      b: `labels: () => Promise.all(baggage.get('notes').map(async ([how, , o]) => how === 'fulfilled' ? E(o).label() : o)),`,
    },
    steps: [
      ['a', 'begin'],
      ['c', 'finish'],
      ['a', 'who'],
    ],
    result: ['b', 'labels'],
    expected: ['late'],
    lost: { vats: ['c'], from: 1, until: 2 },
    lostWhen: [restarted],
  },
  {
    title: 'a watched result of a pipelined message follows its target',
    methods: {
      a: `begin: () => { watch(E(E(peer('c')).later('x')).label(), 'w'); },`,
      c: `finish: () => { kit('x').resolve(E(peer('b')).thing('from b')); },`,
    },
    steps: [
      ['a', 'begin'],
      ['b', 'who'],
      ['c', 'finish'],
      ['b', 'who'],
    ],
    result: ['a', 'notes'],
    expected: [['fulfilled', 'w', 'from b']],
    lost: { vats: ['c'], from: 1, until: 3 },
    lostWhen: [['rejected', 'w', restarted]],
  },
  {
    title: 'one’s own watched promise is settled',
    methods: {
      a: `begin: () => { watch(kit('x').promise, 'w'); },`,
    },
    steps: [
      ['a', 'begin'],
      ['b', 'who'],
      ['a', 'settle', 'x', 'own'],
    ],
    result: ['a', 'notes'],
    expected: [['fulfilled', 'w', 'own']],
    lost: { vats: ['a'], from: 1, until: 3 },
    lostWhen: [['rejected', 'w', restarted]],
  },
  {
    title: 'one’s own watched promise, given to others too, is settled',
    methods: {
      a: `begin: () => { const p = kit('x').promise; watch(p, 'w'); return E(peer('b')).watch(p, 'w'); },`,
      b: `both: async () => harden([...baggage.get('notes'), ...await E(peer('a')).notes()]),`,
    },
    steps: [
      ['a', 'begin'],
      ['c', 'who'],
      ['a', 'settle', 'x', 'own'],
    ],
    result: ['b', 'both'],
    expected: [
      ['fulfilled', 'w', 'own'],
      ['fulfilled', 'w', 'own'],
    ],
    lost: { vats: ['a'], from: 1, until: 3 },
    lostWhen: [
      ['rejected', 'w', restarted],
      ['rejected', 'w', restarted],
    ],
  },
  {
    title: 'two watchers of one promise in two vats are both told',
    methods: {
      a: `begin: () => { const p = E(peer('c')).later('x'); watch(p, 'w'); return E(peer('b')).watch(p, 'w'); },
          both: async () => harden([...baggage.get('notes'), ...await E(peer('b')).notes()]),`,
    },
    steps: [
      ['a', 'begin'],
      ['c', 'settle', 'x', 1],
      ['a', 'who'],
    ],
    result: ['a', 'both'],
    expected: [
      ['fulfilled', 'w', 1],
      ['fulfilled', 'w', 1],
    ],
    lost: { vats: ['c'], from: 1, until: 2 },
    lostWhen: [
      ['rejected', 'w', restarted],
      ['rejected', 'w', restarted],
    ],
  },
  {
    title: 'a chain is lost with the link that the restarted vat decides',
    methods: {
      // b answers with a promise of c: until that settles, b decides its own.
      a: `begin: () => { watch(E(peer('b')).ask('c', 'later', 'x'), 'w'); },`,
    },
    steps: [
      ['a', 'begin'],
      ['a', 'who'],
      ['c', 'settle', 'x', 'through'],
    ],
    result: ['a', 'notes'],
    expected: [['fulfilled', 'w', 'through']],
    lost: { vats: ['b', 'c'], from: 1, until: 3 },
    lostWhen: [['rejected', 'w', restarted]],
  },
];
