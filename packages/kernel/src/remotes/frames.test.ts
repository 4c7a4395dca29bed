import { describe, expect, it } from 'vitest';
import {
  MAX_HELLO_CHARS,
  MAX_NAMES,
  MAX_OPS,
  parseRemoteFrame,
} from './frames.ts';

const dataOf = (ops: unknown): string =>
  JSON.stringify({ type: 'data', seq: 1, seen: 0, ops });
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const settlement = (i: number): unknown => [
  `p-${i}`,
  false,
  { body: '#1', slots: [] },
];
const send = (slots: readonly string[] = []): unknown => [
  'send',
  'o-0',
  { body: '#["hi",[]]', slots },
  'p+1',
];
const hello = (chars: number): string => {
  const start = '{"type":"hello","version":1,"session":"s","yours":null,';
  return `${start}"received":0,"addresses":[]`.padEnd(chars - 1).concat('}');
};

describe('a frame', () => {
  it.each([
    [MAX_OPS, () => send()],
    [MAX_OPS, () => ['dropImports', ['o-1']]],
  ])('has %d operations at most', (max, op) => {
    expect(parseRemoteFrame(dataOf(times(max, op))).type).toBe('data');
    expect(() => parseRemoteFrame(dataOf(times(max + 1, op)))).toThrow(
      /malformed/u,
    );
  });

  it.each<[string, (count: number) => unknown]>([
    ['in settlements', (n) => [['resolve', times(n, settlement)]]],
    ['forgotten', (n) => [['forget', times(n, (i) => `p-${i}`)]]],
    ['passed', (n) => [send(times(n - 2, (i) => `o-${i}`))]],
    [
      'in as many operations as there may be',
      (n) => [
        ...times(MAX_OPS - 1, () => send()),
        ['dropImports', times(n - 2 * MAX_OPS + 2, (i) => `o-${i}`)],
      ],
    ],
    [
      'in many lists of settlements',
      (n) => [
        ...times(MAX_OPS - 1, () => ['resolve', [settlement(1)]]),
        ['resolve', times(n - MAX_OPS + 1, settlement)],
      ],
    ],
  ])('has 6,000 names at most, %s', (_, opsOf) => {
    expect(parseRemoteFrame(dataOf(opsOf(MAX_NAMES))).type).toBe('data');
    expect(() => parseRemoteFrame(dataOf(opsOf(MAX_NAMES + 1)))).toThrow(
      /malformed/u,
    );
  });

  it('that comes first is short', () => {
    const first = { isFirst: true };
    expect(parseRemoteFrame(hello(MAX_HELLO_CHARS), first).type).toBe('hello');
    expect(() => parseRemoteFrame(hello(MAX_HELLO_CHARS + 1), first)).toThrow(
      /malformed/u,
    );
    expect(parseRemoteFrame(hello(MAX_HELLO_CHARS + 1)).type).toBe('hello');
  });

  it('introduces with as much as may be said', () => {
    const text = JSON.stringify({
      type: 'hello',
      version: 1,
      session: 'é'.repeat(1000),
      yours: '"'.repeat(1000),
      received: Number.MAX_SAFE_INTEGER,
      addresses: times(32, () => '/'.repeat(1000)),
    });
    expect(parseRemoteFrame(text, { isFirst: true }).type).toBe('hello');
  });

  it.each([
    ['brackets', '['.repeat(1_000_000)],
    ['records', '{"a":'.repeat(1_000_000)],
    ['nine levels', '[[[[[[[[[1]]]]]]]]]'],
    ['a list of empty records', `[${times(300_000, () => '{}').join()}]`],
    ['a list of numbers', `[${times(500_000, () => '1').join()}]`],
    ['spaces', `{"type":"ack","received":1${' '.repeat(8_000_000)}}`],
  ])('is not parsed if it consists of %s', (_, text) => {
    expect(() => parseRemoteFrame(text)).toThrow(/malformed/u);
  });
});
