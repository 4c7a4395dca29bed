/**
 * Where a subscriber was, as text that only the daemon reads: the place among
 * the kernel's events, the line of the log, or both (`e12.1767225600000-l3fa92c.88`).
 */
import type { EventPlace } from '../watch.ts';
import type { LogPlace } from './log-source.ts';

/** A part that is not there was not subscribed to. */
export type Cursor = Readonly<{ events?: EventPlace; log?: LogPlace }>;

// So many digits are a safe integer.
const EVENTS = /^e(\d{1,15})(?:\.(\d{1,15}))?$/u;
const LOG = /^l([0-9a-f]{1,32})\.(\d{1,15})$/u;

export const formatCursor = ({ events, log }: Cursor): string =>
  [
    ...(events === undefined ? [] : [`e${placeText(events)}`]),
    ...(log === undefined ? [] : [`l${log.run}.${log.line}`]),
  ].join('-');

const placeText = ({ seq, at }: EventPlace): string =>
  at === undefined ? String(seq) : `${seq}.${at}`;

/** `oldest` is before all that is kept. Undefined if it is no cursor. */
export const parseCursor = (text: string): Cursor | 'oldest' | undefined => {
  if (text === 'oldest') {
    return text;
  }
  const cursor: Cursor = Object.assign({}, ...text.split('-').map(parsePart));
  // One way to write each: no part twice, none empty, no leading zeros.
  return text !== '' && formatCursor(cursor) === text ? cursor : undefined;
};

const parsePart = (part: string): Cursor => {
  const [, seq, at] = EVENTS.exec(part) ?? [];
  if (seq !== undefined) {
    const time = at === undefined ? {} : { at: Number(at) };
    return { events: { seq: Number(seq), ...time } };
  }
  const [, run, line] = LOG.exec(part) ?? [];
  return run === undefined ? {} : { log: { run, line: Number(line) } };
};
