/**
 * The `console` of a vat: lines for the daemon's log, capped in length and in
 * number, and unable to run the vat's own code while it formats a value.
 */
import harden from '@endo/harden';
import { errorText } from './error-text.ts';
import type { LogLevel } from './protocol.ts';

const methods = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  trace: 'debug',
} as const satisfies Record<string, LogLevel>;

export type VatConsole = Readonly<
  Record<keyof typeof methods, (...values: unknown[]) => void>
>;

export type ConsoleKit = Readonly<{
  console: VatConsole;
  /** Begins to count anew, and tells how much was dropped. */
  nextDelivery(): void;
}>;

export const makeVatConsole = (
  write: (level: LogLevel, text: string) => void,
  {
    lineChars,
    linesPerDelivery,
  }: Readonly<{ lineChars: number; linesPerDelivery: number }>,
): ConsoleKit => {
  let lines = 0;
  let dropped = 0;
  const report = (level: LogLevel, values: readonly unknown[]): void => {
    if (lines >= linesPerDelivery) {
      dropped += 1;
      return;
    }
    lines += 1;
    const text = values.map((value) => toText(value, 0)).join(' ');
    write(
      level,
      text.length > lineChars
        ? `${text.slice(0, lineChars)}… (${text.length - lineChars} more)`
        : text,
    );
  };
  const entries = Object.entries(methods).map(([name, level]) => [
    name,
    (...values: unknown[]) => report(level, values),
  ]);
  return harden({
    console: Object.fromEntries(entries) as VatConsole,
    nextDelivery: () => {
      if (dropped > 0) {
        write('warn', `${dropped} more console lines were dropped`);
      }
      lines = 0;
      dropped = 0;
    },
  });
};

const DEPTH = 3;
const ITEMS = 50;

/** Reads data properties only: a getter or a proxy trap is code of the vat. */
const toText = (value: unknown, depth: number): string => {
  switch (typeof value) {
    case 'string':
      return depth === 0 ? value : JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return '[Function]';
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) {
    return 'null';
  }
  try {
    return objectText(value, depth);
  } catch {
    return '[Object that cannot be shown]';
  }
};

const objectText = (value: object, depth: number): string => {
  if (value instanceof Error) {
    return errorText(value);
  }
  if (depth >= DEPTH) {
    return Array.isArray(value) ? '[…]' : '{…}';
  }
  const tag = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)
    ?.value as unknown;
  const inherited = Object.getPrototypeOf(value) as object | null;
  const proto =
    inherited === null
      ? undefined
      : (Object.getOwnPropertyDescriptor(inherited, Symbol.toStringTag)
          ?.value as unknown);
  const label = typeof tag === 'string' ? tag : proto;
  const names = Object.keys(value);
  const shown = names.slice(0, ITEMS).map((name) => {
    const own = Object.getOwnPropertyDescriptor(value, name);
    const text =
      own !== undefined && 'value' in own
        ? toText(own.value, depth + 1)
        : '[Getter]';
    return Array.isArray(value) ? text : `${name}: ${text}`;
  });
  if (names.length > ITEMS) {
    shown.push('…');
  }
  const body = shown.join(', ');
  if (Array.isArray(value)) {
    return `[${body}]`;
  }
  return typeof label === 'string'
    ? `[${label}]`
    : `{${body === '' ? '' : ` ${body} `}}`;
};
