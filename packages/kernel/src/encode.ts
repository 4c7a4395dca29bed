/**
 * From what a client wrote to what a vat can be sent: JSON in which
 * `{"@ref": …}` stands for a reference becomes smallcaps CapData, through
 * `@endo/marshal`, so that a vat reads exactly what another vat would have sent.
 */
import { Far, makeMarshal } from '@endo/marshal';
import harden from '@endo/harden';
import {
  fail,
  isPromiseRef,
  limits,
  messageOf,
  type CapData,
  type Json,
  type KRef,
} from '@ocap/kernel-utils';

export type Encode = (
  value: Json,
  /** The reference that a client means by this text; throws if there is none. */
  resolveRef: (ref: string) => KRef,
) => CapData<KRef>;

export const makeEncode = (): Encode => {
  const krefs = new WeakMap<object, KRef>();
  const marshal = makeMarshal<KRef>(
    (value) => {
      const kref = krefs.get(value as object);
      if (kref === undefined) {
        throw Error('only JSON and references can be passed');
      }
      return kref;
    },
    undefined,
    { serializeBodyFormat: 'smallcaps', errorTagging: 'off' },
  );

  return (value, resolveRef) => {
    const presences = new Map<KRef, object>();
    const convert = (item: Json, depth: number): unknown => {
      if (depth > limits.nestingLevels.value) {
        throw fail('LIMIT_REACHED', {
          limit: 'nestingLevels',
          value: depth,
          max: limits.nestingLevels.value,
          unit: 'levels',
        });
      }
      if (typeof item !== 'object' || item === null) {
        return item;
      }
      if (Array.isArray(item)) {
        return item.map((element) => convert(element, depth + 1));
      }
      if (Object.hasOwn(item, '@ref')) {
        return presenceOf(item['@ref']);
      }
      return Object.fromEntries(
        Object.entries(item).map(([key, entry]) => [
          key,
          convert(entry, depth + 1),
        ]),
      );
    };
    const presenceOf = (ref: Json | undefined): object => {
      if (typeof ref !== 'string') {
        throw fail('ARGUMENT_INVALID', {
          problem: '"@ref" must be a reference or a name, as text',
        });
      }
      const kref = resolveRef(ref);
      const known = presences.get(kref);
      if (known !== undefined) {
        return known;
      }
      // A vat would not read a promise that is written as an object.
      const made = isPromiseRef(kref)
        ? harden(Promise.withResolvers<never>().promise)
        : Far('ref', {});
      krefs.set(made, kref);
      presences.set(kref, made);
      return made;
    };
    const passable = harden(convert(value, 0));
    try {
      return marshal.toCapData(passable as never);
    } catch (error) {
      throw fail('ARGUMENT_INVALID', { problem: messageOf(error) });
    }
  };
};

/** Parameters of a vat: JSON without references. */
export const encodeParameters = (
  vatName: string,
  parameters: Json,
): CapData<KRef> =>
  makeEncode()(parameters, () => {
    throw fail('CONFIG_INVALID', {
      path: `vats.${vatName}.parameters`,
      problem: 'parameters cannot hold references',
    });
  });
