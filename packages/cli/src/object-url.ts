/** Object URLs, as far as a person has to know of them: `ocap:<token>@<peer id>,<address>…`. */

/** Multiaddrs at which its issuer can be reached. */
export const addressesIn = (url: string): readonly string[] =>
  url.split(',').slice(1);

/** The peer id of its issuer. */
export const issuerOf = (url: string): string | undefined =>
  /^ocap:[^@]*@([1-9A-HJ-NP-Za-km-z]+)/u.exec(url)?.[1];
