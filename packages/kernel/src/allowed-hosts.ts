/**
 * The entries of a vat's `network.allowedHosts`: `host` for the usual port of
 * http and https, `host:port` for that port, and `*.host` for what is below a
 * host, at any depth, but not for the host itself.
 */

export type AllowedHost = Readonly<{
  /** As `URL` writes it: lower case, punycode, IPv6 in brackets. */
  hostname: string;
  /** Undefined for the usual one. */
  port: number | undefined;
  /** Whether it stands for the hosts below `hostname`. */
  below: boolean;
}>;

// What could make `URL` read anything but a host is not a host.
const form = /^(\*\.)?(\[[\d:.a-f]+\]|[^\s/?#@\\:[\]%*]+)(?::(\d{1,5}))?$/iu;

/** Undefined if it is no such entry. */
export const parseAllowedHost = (entry: string): AllowedHost | undefined => {
  const [, star, host = '', digits] = form.exec(entry) ?? [];
  const url = URL.parse(`http://${host}/`);
  const port = digits === undefined ? undefined : Number(digits);
  if (url === null || port === 0 || (port ?? 0) > 65_535) {
    return undefined;
  }
  const { hostname } = url;
  const below = star !== undefined;
  // There is nothing below an address.
  return below && /[\d\]]$/u.test(hostname)
    ? undefined
    : { hostname, port, below };
};
