/**
 * Names that the kernel gives to things, as branded strings. This is the only
 * file in which a plain string becomes one of them.
 *
 * A `KRef` is the kernel's name (`ko12` object, `kp7` promise); a `VRef` is one
 * endpoint's own name for the same thing (`o+3` exported by it, `o-5` imported,
 * `p+1`/`p-1` promises, `o+d4/7` durable object 7 of kind 4). The words and the
 * forms are SwingSet's.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type KRef = Branded<'KRef'>;
export type VRef = Branded<'VRef'>;
export type VatId = Branded<'VatId'>;
export type SubclusterId = Branded<'SubclusterId'>;
/** Another kernel, as this one numbers them: `r3`. */
export type RemoteId = Branded<'RemoteId'>;

/** Whatever has a c-list. */
export type EndpointId = VatId | RemoteId;

/** The kernel itself, which answers for services. */
export const KERNEL = 'kernel';
/** Who answers for an object. */
export type OwnerId = EndpointId | typeof KERNEL;

const number = '(?:0|[1-9][0-9]{0,15})';
const krefForm = new RegExp(`^k[op]${number}$`, 'u');
const vrefForm = new RegExp(
  `^(?:p[+-]${number}|o-${number}|o\\+${number}|o\\+[vd]${number}/${number}(?::${number})?)$`,
  'u',
);
const vatIdForm = new RegExp(`^v${number}$`, 'u');
const remoteIdForm = new RegExp(`^r${number}$`, 'u');
const subclusterIdForm = new RegExp(`^s${number}$`, 'u');

export const isKRef = (value: unknown): value is KRef =>
  typeof value === 'string' && krefForm.test(value);
export const isVRef = (value: unknown): value is VRef =>
  typeof value === 'string' && vrefForm.test(value);
export const isVatId = (value: unknown): value is VatId =>
  typeof value === 'string' && vatIdForm.test(value);
export const isRemoteId = (value: unknown): value is RemoteId =>
  typeof value === 'string' && remoteIdForm.test(value);
export const isSubclusterId = (value: unknown): value is SubclusterId =>
  typeof value === 'string' && subclusterIdForm.test(value);

export const objectKRef = (n: number): KRef => `ko${n}` as KRef;
export const promiseKRef = (n: number): KRef => `kp${n}` as KRef;
export const vatId = (n: number): VatId => `v${n}` as VatId;
export const remoteId = (n: number): RemoteId => `r${n}` as RemoteId;
export const subclusterId = (n: number): SubclusterId =>
  `s${n}` as SubclusterId;
export const vref = (text: string): VRef => text as VRef;

export const isPromiseRef = (ref: KRef | VRef): boolean =>
  ref.startsWith('kp') || ref.startsWith('p');

/** Whether the endpoint that uses this vref allocated it (`+`), or the kernel did (`-`). */
export const isExport = (ref: VRef): boolean => ref[1] === '+';

/** The root object of every vat. */
export const ROOT_VREF = 'o+0' as VRef;

/** Durable objects (`o+d…`) and the root outlive the process of their vat. */
export const outlivesProcess = (ref: VRef): boolean =>
  ref === ROOT_VREF || ref.startsWith('o+d');

/** Multi-faceted virtual objects share a base: `o+d4/7:1` → `o+d4/7`. */
export const facetBase = (ref: VRef): VRef => {
  const colon = ref.indexOf(':');
  return colon < 0 ? ref : (ref.slice(0, colon) as VRef);
};
