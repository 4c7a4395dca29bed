/**
 * What a compromised host is told to say. In its lines `$VAT`, `$SEQ`, `$NEXT`
 * (the number after it) and `$RESULT` stand for what the delivery under way has
 * there, `$PREVIOUS` for the result of the one before; `$OBJECT` and `$PROMISE`
 * for the references that `take` has brought, as the host knows them.
 */
import type { Json } from '@ocap/kernel-utils';

export type Script = Readonly<{
  /** Lines on the pipe for frames. Without any, the call is answered honestly. */
  frames?: readonly string[];
  /** Lines on the pipe for reads, before the frames; their answers are the result. */
  reads?: readonly string[];
  /** How long it thinks before it says its frames; 0 by default. */
  delayMs?: number;
}>;

/** The arguments of `play`. */
export const playing = ({
  frames = [],
  reads = [],
  delayMs = 0,
}: Script): Json[] => {
  const script = JSON.stringify({ frames, reads, delayMs });
  return [`x${Buffer.from(script).toString('base64')}`];
};

type Data = Readonly<{ body: string; slots: readonly string[] }>;

export const data = (slots: readonly string[] = [], body = '#null'): Data => ({
  body,
  slots,
});
export const call = (slots: readonly string[] = [], body?: string): Data =>
  data(slots, body ?? '#["hi",[]]');

/** A frame that ends the delivery; `more` overrides what is usual. */
export const done = (syscalls: unknown, more: object = {}): string =>
  JSON.stringify({
    type: 'done',
    vat: '$VAT',
    seq: '$SEQ',
    syscalls,
    writes: [],
    ...more,
  }).replaceAll(/"(\$(?:SEQ|NEXT))"/gu, '$1');

/** The end of a delivery that has done nothing wrong. */
export const good = done([['resolve', [['$RESULT', false, data()]]]]);
