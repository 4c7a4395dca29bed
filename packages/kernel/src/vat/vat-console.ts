/**
 * The `console` of a vat and its `vatPowers.logger`: lines for the daemon's log,
 * capped in length and in number, and unable to run the vat's own code while
 * they format a value.
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

/** Of those options of the ocap-kernel project only the tags mean something here. */
type LoggerOptions = string | Readonly<{ tags?: readonly string[] }>;

export type VatLogger = VatConsole &
  Readonly<{
    /** A logger whose lines begin with these tags after its own: `[a/b] …`. */
    subLogger(options?: LoggerOptions): VatLogger;
  }>;

/** Characters: where a vat has less, it is not told what was dropped yet. */
const SUMMARY_ROOM = 1024;

export type ConsoleKit = Readonly<{
  console: VatConsole;
  logger: VatLogger;
  /**
   * Begins to count anew, and tells how much was dropped. What is written beyond
   * so many characters would be thrown away later.
   */
  nextDelivery(room?: number): void;
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
  let room = Infinity;
  const writeWithin = (level: LogLevel, text: string): boolean => {
    const fits = text.length <= room;
    if (fits) {
      room -= text.length;
      write(level, text);
    }
    return fits;
  };
  const report = (
    level: LogLevel,
    prefix: readonly string[],
    values: readonly unknown[],
  ): void => {
    if (
      lines >= linesPerDelivery ||
      room <= Math.min(leastChars(values), lineChars)
    ) {
      dropped += 1;
      return;
    }
    const text = textOf([...prefix, ...values]).join(' ');
    const cut =
      text.length > lineChars
        ? `${text.slice(0, lineChars)}… (${text.length - lineChars} more)`
        : text;
    if (writeWithin(level, cut)) {
      lines += 1;
    } else {
      dropped += 1;
    }
  };
  const consoleWith = (prefix: readonly string[]): VatConsole =>
    Object.fromEntries(
      Object.entries(methods).map(([name, level]) => [
        name,
        (...values: unknown[]) => report(level, prefix, values),
      ]),
    ) as VatConsole;
  const loggerWith = (tags: readonly string[]): VatLogger =>
    harden({
      ...consoleWith(tags.length > 0 ? [`[${tags.join('/')}]`] : []),
      subLogger: (options?: LoggerOptions) =>
        loggerWith([...new Set([...tags, ...tagsOf(options)])]),
    });
  return harden({
    console: consoleWith([]),
    logger: loggerWith([]),
    nextDelivery: (nextRoom = Infinity) => {
      room = nextRoom;
      lines = 0;
      // Otherwise with those that will be dropped now: each line costs the daemon.
      if (
        dropped > 0 &&
        room >= SUMMARY_ROOM &&
        writeWithin('warn', `suppressed ${dropped} console lines`)
      ) {
        dropped = 0;
      }
    },
  });
};

/**
 * Before anything is formatted, which would be for nothing. By index: under
 * lockdown an iterator makes a line that is dropped cost several times as much.
 */
const leastChars = (values: readonly unknown[]): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value === 'string') sum += value.length;
  }
  return sum;
};

const tagsOf = (options?: LoggerOptions | null): string[] => {
  const tags = typeof options === 'string' ? options : options?.tags;
  return textOf([tags ?? []].flat());
};

const textOf = (values: readonly unknown[]): string[] =>
  values.map((value) => toText(value, 0));

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
