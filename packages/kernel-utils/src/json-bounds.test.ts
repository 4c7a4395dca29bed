import { describe, expect, it } from 'vitest';
import { boundExceeded, type JsonBounds } from './json-bounds.ts';

const wide: JsonBounds = { levels: 1e9, parts: 1e9, digits: 1e9 };

const levelsOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(levelsOf))
    : 0;

const partsOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  const items = Object.values(value);
  const colons = Array.isArray(value) ? 0 : items.length;
  const commas = Math.max(items.length - 1, 0);
  return items.reduce<number>(
    (n, item) => n + partsOf(item),
    1 + colons + commas,
  );
};

const texts = [
  '',
  'x',
  '"',
  '\\',
  '\\"',
  '",[{',
  'x'.repeat(31),
  'é[',
  '\u0000',
];
/** Strings of every length around where searching begins, with quotes and brackets in them. */
const strings = Array.from({ length: 70 }, (_, length) =>
  texts.map((text) => `${'a'.repeat(length)}${text}${'\\'.repeat(length % 5)}`),
).flat();

const values: readonly unknown[] = [
  [],
  {},
  [[], {}, [[{ a: [1, 2, { b: null }] }]]],
  { a: 1, 'b:,"[': ['"', '\\', { c: '}' }] },
  ...strings.map((string) => [string, { [string]: [string] }]),
];

describe('the bounds of JSON', () => {
  it.each([0, 2])('count as the parser does, indented by %d', (indent) => {
    for (const value of values) {
      const text = JSON.stringify(value, undefined, indent);
      const exact = { levels: levelsOf(value), parts: partsOf(value) };
      expect(boundExceeded(text, exact), text).toBeUndefined();
      expect(boundExceeded(text, { ...wide, levels: exact.levels - 1 })).toBe(
        'levels',
      );
      expect(boundExceeded(text, { ...wide, parts: exact.parts - 1 })).toBe(
        'parts',
      );
    }
  });

  it.each(['+', '-', '\\u002b', '\\u002D', '\\u002B'])(
    'hold for a number that is written as text and begins with %s',
    (sign) => {
      const numberOf = (count: number) => `["${sign}${'9'.repeat(count)}"]`;
      const digits = 100 + sign.length;
      expect(boundExceeded(numberOf(99), { ...wide, digits })).toBeUndefined();
      expect(boundExceeded(numberOf(100), { ...wide, digits })).toBe('digits');
    },
  );

  it('do not hold for other text, however long', () => {
    const text = JSON.stringify(['x+'.repeat(5000), '\n-'.repeat(5000)]);
    expect(boundExceeded(text, { ...wide, digits: 10 })).toBeUndefined();
  });

  it.each(['"', '"abc', '"\\', `"${'x'.repeat(100)}`, `"${'\\"'.repeat(99)}`])(
    'are found of what is no JSON, too: %s',
    (text) => {
      expect(boundExceeded(text, wide)).toBeUndefined();
      expect(boundExceeded(`[[${text}`, { ...wide, levels: 1 })).toBe('levels');
    },
  );

  it('allow for 16 characters between two parts', () => {
    const spaces = (count: number) => `[${' '.repeat(count)}]`;
    expect(boundExceeded(spaces(160), { ...wide, parts: 10 })).toBeUndefined();
    expect(boundExceeded(spaces(161), { ...wide, parts: 10 })).toBe('parts');
    expect(boundExceeded('1234567', { ...wide, parts: 0 })).toBeUndefined();
  });

  it('begin where they are told to', () => {
    expect(boundExceeded('[[1]', { ...wide, levels: 1 }, 1)).toBeUndefined();
  });
});
