/**
 * What a relay has answered to a request, read from the bytes of the answer:
 * the library does not tell it in any other way. A hop message of the protocol
 * circuit relay v2: its length as a varint, then protobuf fields.
 */
export type HopAnswer =
  | 'reserved'
  | 'connected'
  /** No room for another reservation. */
  | 'reservation refused'
  /** The peer that was called has no reservation, or does not answer. */
  | 'circuit refused'
  /** By the rules of admission.ts, which count it themselves. */
  | 'denied'
  | 'malformed';

const FIELD = { reservation: 3, status: 5 } as const;

const answers: Readonly<Record<number, HopAnswer>> = {
  200: 'reservation refused',
  201: 'circuit refused',
  202: 'denied',
  203: 'circuit refused',
  204: 'circuit refused',
  400: 'malformed',
  401: 'malformed',
};

/** `undefined` where these are not the bytes of one whole answer. */
export const readHopAnswer = (bytes: Uint8Array): HopAnswer | undefined => {
  const fields = readFields(bytes);
  const status = fields?.get(FIELD.status);
  if (fields === undefined || status === undefined) return undefined;
  if (status === 100) {
    return fields.has(FIELD.reservation) ? 'reserved' : 'connected';
  }
  return answers[status];
};

type Varint = Readonly<{ value: number; next: number }>;

const readVarint = (bytes: Uint8Array, at: number): Varint | undefined => {
  let value = 0;
  for (let shift = 0; shift < 49; shift += 7) {
    const byte = bytes[at + shift / 7];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: at + shift / 7 + 1 };
  }
  return undefined;
};

/** Numbers by field; of a field with bytes, how many. */
const readFields = (
  bytes: Uint8Array,
): ReadonlyMap<number, number> | undefined => {
  const length = readVarint(bytes, 0);
  if (length === undefined || length.next + length.value !== bytes.length) {
    return undefined;
  }
  const fields = new Map<number, number>();
  let at = length.next;
  while (at < bytes.length) {
    const key = readVarint(bytes, at);
    const content = key && readVarint(bytes, key.next);
    if (key === undefined || content === undefined) return undefined;
    const isNumber = key.value % 8 === 0;
    if (!isNumber && key.value % 8 !== 2) return undefined;
    fields.set(Math.floor(key.value / 8), content.value);
    at = content.next + (isNumber ? 0 : content.value);
  }
  return fields;
};
