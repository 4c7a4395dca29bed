/**
 * CapData: a serialized value (`body`, smallcaps of `@endo/marshal`, a string
 * that begins with `#`) and the references in it (`slots`). Krefs in the
 * kernel and at the socket, vrefs in a vat.
 */
export type CapData<Ref extends string = string> = Readonly<{
  body: string;
  slots: readonly Ref[];
}>;

export const isCapData = (value: unknown): value is CapData =>
  typeof value === 'object' &&
  value !== null &&
  'body' in value &&
  typeof value.body === 'string' &&
  'slots' in value &&
  Array.isArray(value.slots) &&
  value.slots.every((slot) => typeof slot === 'string');

export const UNDEFINED_BODY = '#"#undefined"';
