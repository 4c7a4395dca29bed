// The encoder of `@endo/marshal` is the oracle: what it writes, we must read.
import 'ses';
import { describe, expect, it } from 'vitest';
import { decodedToJson } from './decoded-to-json.ts';
import { decodedToText } from './decoded-to-text.ts';
import { decodeSmallcaps, type Decoded } from './smallcaps.ts';
import type { CapData } from './capdata.ts';

lockdown({
  // Vitest needs what a strict lockdown takes away.
  domainTaming: 'unsafe',
  errorTaming: 'unsafe',
  overrideTaming: 'severe',
  consoleTaming: 'unsafe',
});
await import('@endo/eventual-send/shim.js');
const { Far, makeMarshal } = await import('@endo/marshal');
const { makeTagged } = await import('@endo/pass-style');

const names = new Map<object, string>();
const marshal = makeMarshal(
  (value: object) => {
    if (!names.has(value)) {
      names.set(
        value,
        `${value instanceof Promise ? 'kp' : 'ko'}${names.size + 12}`,
      );
    }
    return names.get(value);
  },
  undefined,
  { serializeBodyFormat: 'smallcaps', errorTagging: 'off' },
);
const encode = (value: unknown): CapData =>
  marshal.toCapData(harden(value) as never) as CapData;
const decode = (value: unknown): Decoded => decodeSmallcaps(encode(value));

const purse = Far('Purse', { balance: () => 1 });
const pending = harden(new Promise(() => {}));

const cases: readonly (readonly [string, unknown, unknown, string])[] = [
  ['null', null, null, 'null'],
  ['true', true, true, 'true'],
  ['a number', 1.5, 1.5, '1.5'],
  ['minus zero as zero', -0, 0, '0'],
  ['NaN', NaN, { '@number': 'NaN' }, 'NaN'],
  ['Infinity', Infinity, { '@number': 'Infinity' }, 'Infinity'],
  ['-Infinity', -Infinity, { '@number': '-Infinity' }, '-Infinity'],
  ['undefined', undefined, { '@undefined': true }, 'undefined'],
  ['a bigint', 12n, { '@bigint': '12' }, '12n'],
  ['a negative bigint', -12n, { '@bigint': '-12' }, '-12n'],
  [
    'a huge bigint',
    10n ** 30n,
    { '@bigint': `1${'0'.repeat(30)}` },
    `1${'0'.repeat(30)}n`,
  ],
  ['a string', 'alice', 'alice', 'alice'],
  ['the empty string', '', '', ''],
  ['a string that looks like a bigint', '+12', '+12', '+12'],
  ['a string that looks like a slot', '$0', '$0', '$0'],
  ['a string that begins with !', '!#undefined', '!#undefined', '!#undefined'],
  ['strings in a list', ['a', "it's"], ['a', "it's"], "['a', 'it\\'s']"],
  ['a symbol', Symbol.for('x'), { '@symbol': 'x' }, 'Symbol(x)'],
  [
    'a well-known symbol',
    Symbol.asyncIterator,
    { '@symbol': '@@asyncIterator' },
    'Symbol(@@asyncIterator)',
  ],
  [
    'a record',
    { n: 1n, 'a b': {} },
    { n: { '@bigint': '1' }, 'a b': {} },
    "{ 'a b': {}, n: 1n }",
  ],
  [
    'a record with special keys',
    { '#tag': 1, $0: 2 },
    { '#tag': 1, $0: 2 },
    "{ '#tag': 1, $0: 2 }",
  ],
  [
    'a record that imitates a reference',
    { '@ref': 'ko1' },
    { '@@ref': 'ko1' },
    "{ '@ref': 'ko1' }",
  ],
  [
    'a tagged value',
    makeTagged('copySet', ['a']),
    { '@tagged': { tag: 'copySet', payload: ['a'] } },
    "copySet ['a']",
  ],
  [
    'an error',
    TypeError('no + money'),
    { '@error': { name: 'TypeError', message: 'no + money' } },
    '[TypeError: no + money]',
  ],
  ['a promise', pending, { '@promise': 'kp12' }, 'promise (kp12)'],
  [
    'a remotable',
    purse,
    { '@ref': 'ko13', interface: 'Purse' },
    'purse (ko13, interface Purse)',
  ],
  [
    'one remotable twice, each with its interface',
    [purse, purse],
    [
      { '@ref': 'ko13', interface: 'Purse' },
      { '@ref': 'ko13', interface: 'Purse' },
    ],
    '[purse (ko13, interface Purse), purse (ko13, interface Purse)]',
  ],
];

describe('smallcaps written by @endo/marshal', () => {
  it.each(cases)('reads %s', (_title, value, json, text) => {
    const decoded = decode(value);
    expect(decodedToJson(decoded)).toStrictEqual(json);
    expect(decodedToText(decoded)).toBe(text);
  });

  it('keeps the id of an error', () => {
    const body = '#{"#error":"no","errorId":"error:v1#7","name":"Error"}';
    expect(decodedToJson(decodeSmallcaps({ body, slots: [] }))).toStrictEqual({
      '@error': { name: 'Error', message: 'no', id: 'error:v1#7' },
    });
  });

  it('keeps a key "__proto__" as a key', () => {
    const body = '#{"__proto__":1}';
    expect(
      JSON.stringify(decodedToJson(decodeSmallcaps({ body, slots: [] }))),
    ).toBe('{"__proto__":1}');
  });

  it.each([
    ['another encoding', '{"@qclass":"undefined"}'],
    ['a slot that is not there', '#"$3"'],
    ['a slot that is not a number', '#"$x"'],
    ['an unknown constant', '#"#nothing"'],
    ['a reserved prefix', '#"(1)"'],
    ['a bigint that is none', '#"+1x"'],
    ['what is not JSON', '#{'],
  ])('refuses %s', (_title, body) => {
    expect(() => decodeSmallcaps({ body, slots: ['ko1'] })).toThrow(
      SyntaxError,
    );
  });
});

describe('text for a terminal', () => {
  it('puts long values on several lines', () => {
    const text = decodedToText(
      decode({ list: ['x'.repeat(50), 'y'.repeat(50)] }),
    );
    expect(text.split('\n')).toHaveLength(6);
    expect(text).toContain("\n  list: [\n    'xxx");
  });

  it('shows escape sequences instead of sending them to the terminal', () => {
    expect(decodedToText(decode('a\u001b[2Jb\nc'))).toBe('a\\x1b[2Jb\nc');
    expect(decodedToText(decode(['\u001b\n']))).toBe("['\\x1b\\n']");
    expect(decodedToText(decode('\u202eabc'))).toBe('\\u202eabc');
  });
});
