/** Amounts of limits as people write and read them: `8 MiB`, `24 h`, `100,000`. */
import type { Limit } from './limit.ts';

const sizes = {
  bytes: [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ],
  ms: [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
  ],
  count: [],
  levels: [],
} as const satisfies Record<Limit['unit'], readonly (readonly unknown[])[]>;

/** In the largest unit that it is a whole number of. */
export const amountText = ({
  value,
  unit,
}: Pick<Limit, 'value' | 'unit'>): string => {
  const whole = sizes[unit].find(
    ([, size]) => value >= size && value % size === 0,
  );
  if (whole !== undefined) {
    return `${value / whole[1]} ${whole[0]}`;
  }
  // By hand: under lockdown numbers have no locale.
  const digits = String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
  return unit === 'count' ? digits : `${digits} ${unit}`;
};

/**
 * A whole number above 0, alone or with a unit (`64MiB`, `20 s`); `undefined`
 * for anything else.
 */
export const parseAmount = (
  text: string,
  unit: Limit['unit'],
): number | undefined => {
  const [, digits, name = ''] = /^(\d{1,15})\s*([A-Za-z]*)$/u.exec(text) ?? [];
  const size =
    name === '' ? 1 : sizes[unit].find(([known]) => known === name)?.[1];
  const value = Number(digits) * (size ?? Number.NaN);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
};
