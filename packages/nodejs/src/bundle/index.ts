/**
 * Making bundles of vat sources. Importing this loads no compiler: that happens
 * when the first source is bundled.
 */
export { BundleError } from './bundle-error.ts';
export { bundleVat, type VatBundle } from './bundle-vat.ts';
export {
  findVatSources,
  isVatSource,
  listVatSources,
} from './find-vat-sources.ts';
export { remakeOnChange } from './remake-on-change.ts';
