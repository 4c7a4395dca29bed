import {
  objectKRef,
  promiseKRef,
  remoteId,
  vref,
  type KRef,
} from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import type { InboxRow, PromiseRow } from '../store/rows.ts';
import { excessOf, makeFrameRoom, NAMES_AT_ONCE } from './frame-room.ts';
import { MAX_OPS, parseRemoteFrame, type RemoteOp } from './frames.ts';

const names = (count: number) =>
  Array.from({ length: count }, (_, i) => vref(`o-${i}`));
const send = (chars: number, slots = 0): RemoteOp => [
  'send',
  vref('o+1'),
  { body: 'x'.repeat(chars), slots: names(slots) },
  null,
];

const fill = (op: RemoteOp): number => {
  const room = makeFrameRoom();
  let count = 0;
  while (room.hasRoom()) {
    room.note(op);
    count += 1;
  }
  return count;
};

it.each<[string, RemoteOp, number]>([
  ['operations', send(1), 200],
  ['characters of messages', send(4 * 1024), 3],
  [
    'characters of settlements',
    [
      'resolve',
      [[vref('p+1'), false, { body: 'x'.repeat(4 * 1024), slots: [] }]],
    ],
    3,
  ],
  ['references', send(1, 299), 5],
  ['references given up', ['dropImports', names(NAMES_AT_ONCE)], 2],
  ['promises forgotten', ['forget', names(NAMES_AT_ONCE)], 2],
])('is used up by so many %s', (_, op, count) => {
  expect(fill(op)).toBe(count);
});

it('is less than the other side takes, with the largest operation last', () => {
  expect(fill(send(1))).toBeLessThan(MAX_OPS);
  const room = makeFrameRoom();
  const before: RemoteOp = ['dropImports', names(1200)];
  room.note(before);
  expect(room.hasRoom()).toBe(true);
  const frame = {
    type: 'data',
    seq: 1,
    seen: 0,
    ops: [before, send(1, 4499)],
  };
  expect(parseRemoteFrame(JSON.stringify(frame)).type).toBe('data');
});

describe('what is beyond a frame', () => {
  const result = promiseKRef(1);
  const settled = (count: number, slots: number) => {
    const krefs = Array.from({ length: count }, (_, i) => promiseKRef(i + 2));
    const others = Array.from({ length: slots }, (_, i) => objectKRef(i + 1));
    const of = (all: readonly KRef[]): PromiseRow => ({
      state: 'fulfilled',
      decider: null,
      subscribers: [],
      refs: 1,
      data: { body: '#0', slots: all },
      settledBy: null,
      awaited: false,
      requestId: null,
    });
    return {
      promise: (kref: KRef) => (kref === result ? of(krefs) : of(others)),
    };
  };
  const notify: InboxRow = {
    kind: 'notify',
    vatId: remoteId(1),
    target: result,
    attempts: 0,
  };

  it.each([
    [4401, 42, undefined],
    [4501, 43, 'LIMIT_REACHED'],
  ])('is a settlement with %d references', (total, slots, code) => {
    const promises = 100;
    expect(total).toBe(1 + promises + promises * (1 + slots));
    expect(excessOf(settled(promises, slots), notify, 1e9)?.code).toBe(code);
  });

  it('is a settlement of so many bytes', () => {
    const three = settled(2, 0);
    expect(excessOf(three, notify, 6)).toBeUndefined();
    expect(excessOf(three, notify, 5)?.message).toMatch(/6 of at most 5/u);
  });
});
