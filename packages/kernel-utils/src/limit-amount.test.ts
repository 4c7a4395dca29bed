import { describe, expect, it } from 'vitest';
import { amountText, parseAmount } from './limit-amount.ts';
import { limits, type Limit } from './limits.ts';

describe('an amount', () => {
  it.each([
    [8 * 1024 ** 2, 'bytes', '8 MiB'],
    [1536, 'bytes', '1,536 bytes'],
    [24 * 3_600_000, 'ms', '24 h'],
    [90_000, 'ms', '90 s'],
    [1, 'ms', '1 ms'],
    [100_000, 'count', '100,000'],
    [128, 'levels', '128 levels'],
  ] as const)('%d %s is written as "%s"', (value, unit, text) => {
    expect(amountText({ value, unit })).toBe(text);
  });

  it.each([
    ['20s', 'ms', 20_000],
    ['20 s', 'ms', 20_000],
    ['20', 'ms', 20],
    ['64MiB', 'bytes', 64 * 1024 ** 2],
    ['7', 'count', 7],
  ] as const)('"%s" of %s is %d', (text, unit, value) => {
    expect(parseAmount(text, unit)).toBe(value);
  });

  it.each([
    ['', 'ms'],
    ['0', 'count'],
    ['-1', 'count'],
    ['1.5', 'count'],
    ['1e3', 'count'],
    ['20 MiB', 'ms'],
    ['20 s', 'bytes'],
    ['7 s', 'count'],
    ['9007199254740993', 'bytes'],
    ['999999999999999 GiB', 'bytes'],
    ['20 constructor', 'ms'],
  ] as const)('"%s" of %s is none', (text, unit) => {
    expect(parseAmount(text, unit)).toBeUndefined();
  });

  it('is read back as it is written, for each limit', () => {
    for (const { value, unit } of Object.values<Limit>(limits)) {
      const text = amountText({ value, unit }).replaceAll(
        /,| (?:bytes|levels)$/gu,
        '',
      );
      expect(parseAmount(text, unit)).toBe(value);
    }
  });
});
