/**
 * Lines at their caps, beyond them by one, and far beyond: too long (CWE-770,
 * "allocation of resources without limits"), too deep (CWE-674, "uncontrolled
 * recursion"; the cases `n_structure_100000_opening_arrays` and
 * `n_structure_open_array_object` of https://github.com/nst/JSONTestSuite), and
 * so rich that reading them costs many times their length (CWE-400).
 */
import { limits } from '@ocap/kernel-utils';

export type Line = Readonly<{
  name: string;
  /** In parts, so that it need not be held whole. */
  parts(): Iterable<string | Uint8Array>;
  told: RegExp;
  /** Whether the connection ends with it. */
  closes?: boolean;
}>;

const N = {
  bytes: limits.lineBytes.value,
  levels: limits.nestingLevels.value,
  parts: limits.requestParts.value,
};
const PONG = /"id":1,"result":"pong"/u;
const TOO_LONG = new RegExp(`"id":null.*-32600.*longer than ${N.bytes}`, 'u');
const TOO_DEEP = new RegExp(`"id":null.*-32600.*deeper than ${N.levels}`, 'u');
const TOO_RICH = new RegExp(`"id":null.*-32600.*more than ${N.parts}`, 'u');

const BEFORE = '{"jsonrpc":"2.0","id":1,"method":"ping","x":';
const AFTER = '}\n';

/** A ping with something beside that nobody asks for. */
const ping = (x: string): readonly string[] => [BEFORE, x, AFTER];

const long = (bytes: number): readonly string[] =>
  ping(`"${'x'.repeat(bytes - BEFORE.length - '""}'.length)}"`);

const deep = (levels: number, open = '[', close = ']'): readonly string[] =>
  ping(`${open.repeat(levels - 1)}1${close.repeat(levels - 1)}`);

/** The request itself has a bracket, three commas and four colons. */
const rich = (parts: number): readonly string[] =>
  ping(`[0${',0'.repeat(parts - 9)}]`);

/** What fits into a key without an escape. */
const letters = Array.from({ length: 0x5f }, (_, n) =>
  String.fromCodePoint(0x20 + n),
).filter((letter) => letter !== '"' && letter !== '\\');

/** A million of them, of which all that can be are different. */
function* manyKeys(): Iterable<string> {
  yield `${BEFORE}{"":0`;
  let count = 1;
  for (const a of letters) {
    let text = '';
    for (const b of letters) {
      for (const c of letters) text += `,"${a}${b}${c}":0`;
    }
    count += letters.length ** 2;
    yield text;
  }
  yield ',"":0'.repeat(1e6 - count);
  yield `}${AFTER}`;
}

function* endless(unit: string | Uint8Array): Iterable<string | Uint8Array> {
  const chunk = Buffer.alloc(1024 * 1024, unit);
  for (let megabytes = 0; megabytes < 100; megabytes += 1) yield chunk;
}

/** As much as is allowed. */
export const allowed: readonly Line[] = [
  { name: 'as many bytes as allowed', parts: () => long(N.bytes), told: PONG },
  {
    name: 'as many levels as allowed',
    parts: () => deep(N.levels),
    told: PONG,
  },
  { name: 'as many values as allowed', parts: () => rich(N.parts), told: PONG },
  {
    name: 'a million brackets in a string',
    parts: () => ping(`"${'['.repeat(1e6)}"`),
    told: PONG,
  },
];

export const refused: readonly Line[] = [
  {
    name: 'one byte more than allowed',
    parts: () => long(N.bytes + 1),
    told: TOO_LONG,
    closes: true,
  },
  {
    name: '100 MB without an end',
    parts: () => endless('x'),
    told: TOO_LONG,
    closes: true,
  },
  {
    name: '100 MB of opening brackets',
    parts: () => endless('['),
    told: TOO_LONG,
    closes: true,
  },
  {
    name: '100 MB of zeros',
    parts: () => endless('\0'),
    told: TOO_LONG,
    closes: true,
  },
  {
    name: '100 MB that are not UTF-8',
    parts: () => endless(Uint8Array.of(0xff)),
    told: TOO_LONG,
    closes: true,
  },
  { name: 'one level more', parts: () => deep(N.levels + 1), told: TOO_DEEP },
  { name: 'a million lists', parts: () => deep(1e6), told: TOO_DEEP },
  {
    name: 'a million records',
    parts: () => deep(1e6, '{"":', '}'),
    told: TOO_DEEP,
  },
  {
    name: 'a million lists that nobody closes',
    parts: () => ['['.repeat(1e6), '\n'],
    told: TOO_DEEP,
  },
  { name: 'one value more', parts: () => rich(N.parts + 1), told: TOO_RICH },
  { name: 'a million keys', parts: manyKeys, told: TOO_RICH },
  { name: 'four million values', parts: () => rich(4e6), told: TOO_RICH },
  {
    name: 'two million empty lists',
    parts: () => ping(`[[]${',[]'.repeat(2e6)}]`),
    told: TOO_RICH,
  },
  {
    name: 'a number of eight million digits',
    parts: () => ping('1'.repeat(8e6)),
    told: TOO_RICH,
  },
  {
    name: 'eight million spaces',
    parts: () => ping(`${' '.repeat(8e6)}0`),
    told: TOO_RICH,
  },
];
