/** `docs/limits.md`: every cap of the system. */
import { limits, type Limit } from '../../packages/kernel-utils/src/limits.ts';
import { code, page, table } from './markdown.ts';

const amounts = {
  bytes: [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ],
  ms: [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ],
  count: [],
  levels: [],
} as const;

/** `8 MiB`, `24 h`, `100,000`: in the largest unit that it is a whole number of. */
export const amountText = ({ value, unit }: Limit): string => {
  const whole = amounts[unit].find(
    ([, size]) => value >= size && value % size === 0,
  );
  if (whole !== undefined) {
    return `${value / whole[1]} ${whole[0]}`;
  }
  // By hand: under lockdown numbers have no locale.
  const digits = String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
  return unit === 'count' ? digits : `${digits} ${unit}`;
};

export const limitsPage = (): string =>
  page('`packages/kernel-utils/src/limits.ts`', [
    '# Limits',
    'A limit ends the one thing that goes beyond it; nothing else notices. `crankBytes` and `consoleLineBytes` count the characters of text.',
    table(
      ['limit', 'value', 'what it stops'],
      Object.entries<Limit>(limits).map(([name, limit]) => [
        code(name),
        amountText(limit),
        limit.stops,
      ]),
    ),
  ]);
