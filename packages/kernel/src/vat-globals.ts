/**
 * The globals that a vat's config may ask for by name. A vat has none of them
 * by default; each is made for the vat that asks and ends with it.
 */
export const vatGlobals = [
  'AbortController',
  'AbortSignal',
  'Date',
  'Math',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'setInterval',
  'setTimeout',
] as const;

export type VatGlobal = (typeof vatGlobals)[number];
