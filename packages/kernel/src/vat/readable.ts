/**
 * Whether liveslots will be able to read what comes to a vat. Data is made in
 * the host of the sender, which may have been taken over; liveslots takes what
 * it cannot read for the end of the vat, so it must not get to see it.
 *
 * What is common is judged by one walk over the JSON; anything unusual is tried
 * out with the marshal that liveslots itself uses.
 */
import harden from '@endo/harden';
import { makeMarshal, Remotable } from '@endo/marshal';
import type { CapData, VRef } from '@ocap/kernel-utils';

export const isReadable = (data: CapData<VRef>): boolean =>
  isReadableAs(() => true, data);

export const isReadableCall = (data: CapData<VRef>): boolean =>
  isReadableAs(isCall, data);

const isReadableAs = (
  hasForm: (value: unknown) => boolean,
  data: CapData<VRef>,
): boolean => {
  if (!data.body.startsWith('#')) {
    return false;
  }
  try {
    const value: unknown = JSON.parse(data.body.slice(1));
    return (
      hasForm(value) &&
      (isPlain(value, { slots: data.slots, seen: new Set() }) || isRead(data))
    );
  } catch {
    return false;
  }
};

/** `[method, args]`, or `[property]`. */
const isCall = (value: unknown): boolean =>
  Array.isArray(value) &&
  typeof value[0] === 'string' &&
  (value.length === 1 || (value.length === 2 && Array.isArray(value[1])));

type Context = Readonly<{ slots: readonly VRef[]; seen: Set<number> }>;

/** False for whatever is not certain. */
const isPlain = (value: unknown, context: Context): boolean => {
  if (typeof value === 'string') {
    return isPlainString(value, context);
  }
  if (typeof value !== 'object' || value === null) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.every((item) => isPlain(item, context));
  }
  return Object.entries(value).every(
    ([key, item]) => !oddKey.test(key) && isPlain(item, context),
  );
};

const oddKey = /^(?:[!#-]|__proto__$)/u;
const slotForm = /^(\d{1,6})(?:\.(?:Alleged: |DebugName: |Remotable$))?/u;

const isPlainString = (text: string, { slots, seen }: Context): boolean => {
  const sign = text.charAt(0);
  if (sign < '!' || sign > '-') {
    return true;
  }
  const rest = text.slice(1);
  if (sign === '!') {
    return true;
  }
  if (sign === '&') {
    return (
      /^\d{1,6}$/u.test(rest) && slots[Number(rest)]?.startsWith('p') === true
    );
  }
  if (sign !== '$') {
    return text === '#undefined';
  }
  const [matched, digits] = slotForm.exec(rest) ?? [];
  const index = Number(digits);
  const names = matched !== undefined && matched.length > String(index).length;
  const isFirst = !seen.has(index);
  seen.add(index);
  // The interface is told where an object occurs first, and only there.
  return (
    slots[index]?.startsWith('o') === true &&
    (names ? isFirst : matched === rest)
  );
};

const isRead = (data: CapData<VRef>): boolean => {
  const { unserialize } = makeMarshal(
    undefined,
    (slot: string, iface = 'Remotable') =>
      slot.startsWith('p')
        ? harden(Promise.resolve())
        : Remotable(iface, undefined, {}),
    { serializeBodyFormat: 'smallcaps' },
  );
  unserialize(harden({ ...data, slots: [...data.slots] }));
  return true;
};
