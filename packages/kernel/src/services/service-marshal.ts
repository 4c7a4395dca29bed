/**
 * CapData to values and back for services: a reference becomes a presence, an
 * object that stands for it and does nothing by itself.
 */
import harden from '@endo/harden';
import { Far, makeMarshal } from '@endo/marshal';
import { isPromiseRef, type CapData, type KRef } from '@ocap/kernel-utils';

export type ServiceMarshal = Readonly<{
  toCapData(value: unknown): CapData<KRef>;
  fromCapData(data: CapData<KRef>): unknown;
  krefOf(presence: unknown): KRef;
  presenceOf(kref: KRef): object;
}>;

export const makeServiceMarshal = (): ServiceMarshal => {
  const krefs = new WeakMap<object, KRef>();
  const presenceOf = (kref: KRef): object => {
    const presence = Far('presence', {});
    krefs.set(presence, kref);
    return presence;
  };
  const krefOf = (value: unknown): KRef => {
    const kref =
      typeof value === 'object' && value !== null
        ? krefs.get(value)
        : undefined;
    if (kref === undefined) {
      throw Error('a service can pass only data and references');
    }
    return kref;
  };
  const marshal = makeMarshal<KRef>(
    krefOf,
    (slot) => {
      if (isPromiseRef(slot)) {
        throw Error('a service takes no promises: wait for what you pass');
      }
      return presenceOf(slot);
    },
    { serializeBodyFormat: 'smallcaps', errorTagging: 'off' },
  );
  return harden({
    toCapData: (value: unknown) => marshal.toCapData(harden(value) as never),
    fromCapData: (data: CapData<KRef>): unknown =>
      marshal.fromCapData({ body: data.body, slots: [...data.slots] }),
    krefOf,
    presenceOf,
  });
};
