/** Limits as they are given on the command line: `--limit deliveryMs=20s`. */
import { limits, parseAmount, type LimitName } from '@ocap/kernel-utils';
import { CliError } from './cli-error.ts';

export const wantedLimits = (
  words: readonly string[],
): Partial<Record<LimitName, number>> =>
  Object.fromEntries(
    words.map((word) => {
      const [, name = '', amount = ''] = /^([^=]*)=(.*)$/u.exec(word) ?? [];
      if (!isLimit(name)) {
        throw wrong(
          word,
          name === ''
            ? 'it goes like deliveryMs=20s'
            : `there is no limit "${name}" (ocap daemon limits lists them)`,
        );
      }
      const { unit } = limits[name];
      const value = parseAmount(amount, unit);
      if (value === undefined) {
        const units = {
          bytes: 'bytes, KiB, MiB or GiB',
          ms: 'ms, s, min or h',
        };
        const of =
          unit in units ? ` of ${units[unit as keyof typeof units]}` : '';
        throw wrong(word, `"${amount}" is not a whole number above 0${of}`);
      }
      return [name, value] as const;
    }),
  );

const isLimit = (name: string): name is LimitName =>
  Object.hasOwn(limits, name);

const wrong = (word: string, problem: string): CliError =>
  new CliError('OPTION_WRONG', { problem: `--limit ${word}: ${problem}` });
