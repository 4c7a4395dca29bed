/** Frames of another kernel, to be said word by word: the `session` is "theirs". */

export const hello = (more: object = {}): string =>
  JSON.stringify({
    type: 'hello',
    version: 1,
    session: 'theirs',
    yours: null,
    received: 0,
    addresses: [],
    ...more,
  });

export const data = (ops: unknown, more: object = {}): string =>
  JSON.stringify({ type: 'data', seq: 1, seen: 0, ops, ...more });

/** The call `method(...args)`. */
export const call = (
  target: string,
  [method, ...args]: readonly unknown[],
  result: string | null = null,
  slots: readonly string[] = [],
): unknown => [
  'send',
  target,
  { body: `#${JSON.stringify([method, args])}`, slots },
  result,
];

/** With the first of `slots`, or 1. */
export const settle = (
  promise: string,
  slots: readonly string[] = [],
): unknown => [
  promise,
  false,
  { body: slots.length === 0 ? '#1' : '#"$0.Alleged: X"', slots },
];
