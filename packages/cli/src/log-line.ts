/** One line of the daemon's log (JSON, as pino writes it) as a line for people. */
import { printable } from '@ocap/kernel-utils';
import type { Style } from './style.ts';

type Options = Readonly<{
  /** Only lines that name one of these, in any field; all if absent. */
  wanted?: ReadonlySet<string> | undefined;
  style: Style;
  raw: boolean;
}>;

/** The result ends with a line feed, or is empty if the line is not wanted. */
export const makeLogLineFormat =
  ({ wanted, style, raw }: Options) =>
  (line: string): string => {
    const fields = parse(line);
    if (fields === undefined) {
      // Not ours, say what Node itself printed as it died: shown, never filtered away raw.
      return raw || wanted !== undefined ? '' : `${printable(line)}\n`;
    }
    if (wanted !== undefined && !names(fields, wanted)) {
      return '';
    }
    return raw ? `${line}\n` : `${lineText(fields, style)}\n`;
  };

type Fields = Readonly<Record<string, unknown>>;

const parse = (line: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined; // Not a line of the logger; the caller decides.
  }
};

const names = (
  { msg: _msg, ...fields }: Fields,
  wanted: ReadonlySet<string>,
): boolean =>
  Object.values(fields).some(
    (value) => typeof value === 'string' && wanted.has(value),
  );

const lineText = (
  {
    level,
    time,
    msg,
    vat,
    pid: _pid,
    hostname: _host,
    name: _name,
    subcluster,
    ...rest
  }: Fields,
  style: Style,
): string => {
  const isOfVat = typeof vat === 'string';
  const wider = isOfVat || subcluster === undefined ? {} : { subcluster };
  const details = Object.entries({ ...wider, ...rest })
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join(' ');
  return [
    style.dim(timeText(time)),
    levelText(level, style),
    printable(isOfVat ? vat : 'daemon').padEnd(6),
    printable(typeof msg === 'string' ? msg : ''),
    ...(details === '' ? [] : [style.dim(printable(details))]),
  ].join('  ');
};

const timeText = (time: unknown): string => {
  const date = new Date(
    typeof time === 'number' || typeof time === 'string' ? time : NaN,
  );
  if (Number.isNaN(date.getTime())) {
    return '--:--:--.---';
  }
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
};

const levels: Readonly<Record<string, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

const levelText = (level: unknown, style: Style): string => {
  const name = levels[String(level)] ?? printable(String(level));
  const padded = name.padEnd(5);
  if (name === 'error' || name === 'fatal') {
    return style.red(padded);
  }
  return name === 'warn' ? style.yellow(padded) : padded;
};
