/** One event of the daemon as a line: for people, or as JSON for programs. */
import { printable } from '@ocap/kernel-utils';
import type { DaemonEvent } from '@ocap/nodejs/client';
import { makeLogLineFormat } from './log-line.ts';
import type { Style } from './style.ts';

type Options = Readonly<{ style: Style; raw: boolean }>;

/** The result ends with a line feed. */
export const makeEventLineFormat = ({
  style,
  raw,
}: Options): ((event: DaemonEvent) => string) => {
  const logLine = makeLogLineFormat({ style, raw: false });
  return (event) => {
    if (raw) {
      return `${JSON.stringify(event)}\n`;
    }
    return event.topic === 'log' && event.type !== 'gap'
      ? logLine(asLogLine(event))
      : `${lineText(event, style)}\n`;
  };
};

/** As it stands in the log, so that it looks the same in both places. */
const asLogLine = ({ type, at, message, fields }: DaemonEvent): string =>
  JSON.stringify({
    level: type,
    time: at,
    msg: message,
    ...(fields as object | undefined),
  });

const lineText = (event: DaemonEvent, style: Style): string => {
  const { cursor: _cursor, at, topic, type, ...about } = event;
  const { vat, name, grant, access, ref, subclusterId, reason, ...rest } =
    about;
  const own = [vat, name, grant, access, ref].filter(
    (part) => part !== undefined,
  );
  const isOfSubcluster = own.length === 0;
  const subject = isOfSubcluster ? [subclusterId ?? ''] : own;
  const details = Object.entries(
    isOfSubcluster ? rest : { subclusterId, ...rest },
  )
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `${key}=${textOf(value)}`);
  const kind = textOf(type).padEnd(10);
  return [
    style.dim(timeText(at)),
    topic.padEnd(10),
    type === 'gap' ? style.yellow(kind) : kind,
    subject.map(textOf).join(' ').padEnd(12),
    ...(reason === undefined ? [] : [textOf(reason)]),
    ...(details.length > 0 ? [style.dim(details.join(' '))] : []),
  ]
    .join('  ')
    .trimEnd();
};

/** On one line, and safe for a terminal: it may quote what a vat has said. */
const textOf = (value: unknown): string =>
  printable(
    typeof value === 'string' ? value : JSON.stringify(value),
  ).replaceAll(/\s*\n\s*/gu, ' ');

/** `09-29 12:00:00.123`, by the clock on the wall. */
const timeText = (at: number): string => {
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offsetMs).toISOString().slice(5, 23).replace('T', ' ');
};
