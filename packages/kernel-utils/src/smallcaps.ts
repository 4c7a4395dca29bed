/**
 * Reads a value out of CapData without SES: for clients that show a value or
 * pass it on as JSON and never send a message to what is in it. The encoding
 * is "smallcaps" of `@endo/marshal`: plain JSON in which strings that begin
 * with one of `!"#$%&'()*+,-` mean something else.
 */
import type { CapData } from './capdata.ts';

/** A passable value, taken apart by its pass style. */
export type Decoded =
  | Readonly<{ style: 'plain'; value: null | boolean | number | string }>
  | Readonly<{ style: 'undefined' }>
  | Readonly<{ style: 'bigint'; value: bigint }>
  /** `@@asyncIterator` for a well-known symbol, otherwise its registered name. */
  | Readonly<{ style: 'symbol'; name: string }>
  | Readonly<{ style: 'array'; items: readonly Decoded[] }>
  | Readonly<{
      style: 'record';
      entries: readonly (readonly [string, Decoded])[];
    }>
  | Readonly<{ style: 'tagged'; tag: string; payload: Decoded }>
  | Readonly<{ style: 'error'; name: string; message: string; id?: string }>
  | Readonly<{ style: 'remotable'; ref: string; interface?: string }>
  | Readonly<{ style: 'promise'; ref: string }>;

type Slots = readonly string[];

/** Throws a SyntaxError if the body is not smallcaps. */
export const decodeSmallcaps = ({ body, slots }: CapData): Decoded => {
  if (!body.startsWith('#')) {
    throw notSmallcaps('its body does not begin with "#"');
  }
  // An interface is written only where a slot occurs first; `seen` carries it on.
  const seen = new Map<string, string>();
  return decodeValue(JSON.parse(body.slice(1)), { slots, seen });
};

type Context = Readonly<{ slots: Slots; seen: Map<string, string> }>;

const notSmallcaps = (problem: string): SyntaxError =>
  new SyntaxError(`The value is not in the smallcaps encoding: ${problem}.`);

const plain = (value: null | boolean | number | string): Decoded => ({
  style: 'plain',
  value,
});

const decodeValue = (encoded: unknown, context: Context): Decoded => {
  if (typeof encoded === 'string') {
    return decodeString(encoded, context);
  }
  if (
    encoded === null ||
    typeof encoded === 'boolean' ||
    typeof encoded === 'number'
  ) {
    return plain(encoded);
  }
  if (Array.isArray(encoded)) {
    return {
      style: 'array',
      items: encoded.map((item) => decodeValue(item, context)),
    };
  }
  return decodeObject(encoded as Record<string, unknown>, context);
};

const constants: Readonly<Record<string, Decoded>> = {
  '#undefined': { style: 'undefined' },
  '#NaN': plain(NaN),
  '#Infinity': plain(Infinity),
  '#-Infinity': plain(-Infinity),
};

const decodeString = (encoded: string, context: Context): Decoded => {
  const first = encoded.charAt(0);
  if (first < '!' || first > '-') {
    return plain(encoded);
  }
  const rest = encoded.slice(1);
  switch (first) {
    case '!':
      return plain(rest);
    case '+':
    case '-':
      return { style: 'bigint', value: decodeBigint(encoded) };
    case '%':
      return { style: 'symbol', name: rest };
    case '#': {
      const constant = constants[encoded];
      if (constant === undefined) {
        throw notSmallcaps(`unknown constant "${encoded}"`);
      }
      return constant;
    }
    case '$':
      return decodeRemotable(rest, context);
    case '&':
      return { style: 'promise', ref: slotAt(rest, context.slots) };
    default:
      throw notSmallcaps(`"${first}" has no meaning at the start of a string`);
  }
};

const decodeBigint = (encoded: string): bigint => {
  if (!/^[+-]\d+$/u.test(encoded)) {
    throw notSmallcaps(`"${encoded}" is not a bigint`);
  }
  return BigInt(encoded);
};

const slotAt = (index: string, slots: Slots): string => {
  const slot = /^\d+$/u.test(index) ? slots[Number(index)] : undefined;
  if (slot === undefined) {
    throw notSmallcaps(`there is no slot ${index}`);
  }
  return slot;
};

const decodeRemotable = (text: string, { slots, seen }: Context): Decoded => {
  const dot = text.indexOf('.');
  const ref = slotAt(dot < 0 ? text : text.slice(0, dot), slots);
  if (dot >= 0) {
    seen.set(ref, interfaceName(text.slice(dot + 1)));
  }
  const name = seen.get(ref);
  return name === undefined
    ? { style: 'remotable', ref }
    : { style: 'remotable', ref, interface: name };
};

/** `Far` and exos say "Alleged: Purse", since nobody checked that it is one. */
const interfaceName = (iface: string): string =>
  iface.startsWith('Alleged: ') ? iface.slice('Alleged: '.length) : iface;

const decodeText = (encoded: unknown, context: Context): string => {
  const decoded = decodeValue(encoded, context);
  if (decoded.style !== 'plain' || typeof decoded.value !== 'string') {
    throw notSmallcaps('a text was expected');
  }
  return decoded.value;
};

const decodeObject = (
  encoded: Record<string, unknown>,
  context: Context,
): Decoded => {
  if (Object.hasOwn(encoded, '#tag')) {
    return {
      style: 'tagged',
      tag: decodeText(encoded['#tag'], context),
      payload: decodeValue(encoded['payload'], context),
    };
  }
  if (Object.hasOwn(encoded, '#error')) {
    const { '#error': message, name, errorId } = encoded;
    return {
      style: 'error',
      name: decodeText(name, context),
      message: decodeText(message, context),
      ...(errorId !== undefined && { id: decodeText(errorId, context) }),
    };
  }
  const entries = Object.entries(encoded).map(
    ([key, value]) =>
      [decodeText(key, context), decodeValue(value, context)] as const,
  );
  return { style: 'record', entries };
};
