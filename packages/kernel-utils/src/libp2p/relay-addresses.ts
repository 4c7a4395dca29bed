/** Where a relay listens, and where it says that it can be reached. */
import { multiaddr } from '@multiformats/multiaddr';
import { fail, messageOf } from '../errors.ts';

export const DEFAULT_TCP_PORT = 9002;
export const DEFAULT_WS_PORT = 9001;

export type RelayAddressOptions = Readonly<{
  /** 9002 by default; 0 takes any that is free. */
  tcpPort?: number | undefined;
  /** For WebSockets; 9001 by default, and 0 takes any that is free. */
  wsPort?: number | undefined;
  /** An IP address of this machine to listen at; every one by default. */
  host?: string | undefined;
  /** Multiaddrs to listen at, in place of host and ports. */
  listen?: readonly string[] | undefined;
  /**
   * The address at which the world sees this machine, where it is not one of
   * its own (NAT, cloud): announced with each port in place of its own ones.
   */
  publicIp?: string | undefined;
  /**
   * Multiaddrs to announce in place of the machine's own, such as
   * `/dns4/relay.example.net/tcp/443/wss` behind a proxy that does TLS.
   */
  announce?: readonly string[] | undefined;
}>;

/** @throws RELAY_OPTION_INVALID */
export const listenAddresses = ({
  tcpPort = DEFAULT_TCP_PORT,
  wsPort = DEFAULT_WS_PORT,
  host,
  listen,
}: RelayAddressOptions): string[] => {
  if (listen !== undefined) {
    return listen.map((address) => insistMultiaddr('listen', address));
  }
  insistPort('tcpPort', tcpPort);
  insistPort('wsPort', wsPort);
  // A machine without IPv6 is let off: libp2p minds only if IPv4 fails, too.
  const hosts =
    host === undefined ? ['/ip4/0.0.0.0', '/ip6/::'] : [insistIp('host', host)];
  return hosts.flatMap((prefix) => [
    `${prefix}/tcp/${tcpPort}`,
    `${prefix}/tcp/${wsPort}/ws`,
  ]);
};

/**
 * From where the relay listens now (multiaddrs without a peer id) to what it
 * announces: the two are only the same where nothing else was asked for.
 * @throws RELAY_OPTION_INVALID
 */
export const makeAnnounce = ({
  publicIp,
  announce = [],
}: RelayAddressOptions): ((listening: readonly string[]) => string[]) => {
  const prefix =
    publicIp === undefined ? undefined : insistIp('publicIp', publicIp);
  const given = announce.map((address) => insistMultiaddr('announce', address));

  return (listening) => {
    const own = [...new Set(listening)];
    if (prefix === undefined) {
      return given.length > 0 ? given : own.sort(loopbackLast);
    }
    const [, family = ''] = prefix.split('/');
    const mapped = own
      .filter((address) => address.startsWith(`/${family}/`))
      .map((address) => address.replace(/^\/[^/]+\/[^/]+/u, prefix));
    return [...new Set([...mapped, ...given])];
  };
};

const isLoopback = (address: string): boolean =>
  /^\/(?:ip4\/127\.|ip6\/::1\/)/u.test(address);

const loopbackLast = (one: string, other: string): number =>
  Number(isLoopback(one)) - Number(isLoopback(other));

const refuse = (option: string, problem: string): Error =>
  fail('RELAY_OPTION_INVALID', { option, problem });

const insistPort = (option: string, port: number): void => {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw refuse(
      option,
      `it is ${port}, and ports go from 1 to 65535 (0: any)`,
    );
  }
};

/** The address as the beginning of a multiaddr. */
const insistIp = (option: string, ip: string): string => {
  const prefix = `/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}`;
  const components = parse(option, prefix).getComponents();
  if (components.length !== 1) {
    throw refuse(option, `"${ip}" is not an IP address`);
  }
  return prefix;
};

const insistMultiaddr = (option: string, address: string): string =>
  parse(option, address).toString();

const parse = (option: string, text: string): ReturnType<typeof multiaddr> => {
  try {
    return multiaddr(text);
  } catch (error) {
    throw refuse(option, `"${text}" cannot be used: ${messageOf(error)}`);
  }
};
