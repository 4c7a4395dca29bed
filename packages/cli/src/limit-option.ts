/** Limits as they are given on the command line: `--limit deliveryMs=20s`. */
import { limits, parseAmount, type LimitName } from '@ocap/kernel-utils';
import { CliError } from './cli-error.ts';

export const wantedLimits = (
  words: readonly string[],
): Partial<Record<LimitName, number>> =>
  Object.fromEntries(
    words.map((word) => {
      const [, name = '', amount = ''] = /^([^=]*)=(.*)$/u.exec(word) ?? [];
      if (name === '') {
        const problem = `--limit ${word}: it goes like deliveryMs=20s`;
        throw new CliError('OPTION_WRONG', { problem });
      }
      const limit = insistLimit(name);
      return [limit, insistAmount(limit, amount)] as const;
    }),
  );

export const insistLimit = (name: string): LimitName => {
  if (Object.hasOwn(limits, name)) return name as LimitName;
  throw new CliError('LIMIT_UNKNOWN', { name });
};

export const insistAmount = (name: LimitName, text: string): number => {
  const { unit } = limits[name];
  const value = parseAmount(text, unit);
  if (value !== undefined) return value;
  throw new CliError('LIMIT_AMOUNT', { name, text, of: unitNames[unit] });
};

const unitNames = {
  bytes: ' of bytes, KiB, MiB or GiB',
  ms: ' of ms, s, min or h',
  count: '',
  levels: '',
} as const;
