/**
 * The globals that a vat's config may ask for by name. A vat has none of them
 * by default; each is made for the vat that asks and ends with it.
 */
export const vatGlobals = [
  'AbortController',
  'AbortSignal',
  'Date',
  'Headers',
  'Math',
  'Request',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'fetch',
  'setInterval',
  'setTimeout',
] as const;

export type VatGlobal = (typeof vatGlobals)[number];
