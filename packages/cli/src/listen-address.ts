/** What `--listen` and `--relay` take, as the multiaddrs that the daemon takes. */
import { isIPv4, isIPv6 } from 'node:net';
import { CliError } from './cli-error.ts';

const EVERYWHERE = '0.0.0.0';
const LOOPBACK = '127.0.0.1';
const MAX_PORT = 65_535;

/** `4001`, `192.0.2.7:4001`, `[2001:db8::7]:4001`, `localhost:4001`, or a multiaddr as it is. */
export const listenAddress = (text: string): string => {
  if (text.startsWith('/')) {
    return text;
  }
  const [, host = '', port = ''] = /^(?:(.*):)?(\d{1,5})$/u.exec(text) ?? [];
  const ip = addressOf(host);
  if (ip === undefined || port === '' || Number(port) > MAX_PORT) {
    throw new CliError('OPTION_WRONG', {
      problem: `--listen "${text}" is neither a port, nor an IP address of this machine with one (192.0.2.7:4001), nor a multiaddr (/ip4/0.0.0.0/tcp/4001)`,
    });
  }
  return `/${ip}/tcp/${Number(port)}`;
};

const addressOf = (host: string): string | undefined => {
  if (host === '' || host === '*') return `ip4/${EVERYWHERE}`;
  if (host === 'localhost') return `ip4/${LOOPBACK}`;
  if (isIPv4(host)) return `ip4/${host}`;
  const inner = /^\[(.*)\]$/u.exec(host)?.[1] ?? '';
  return isIPv6(inner) && !inner.includes('%') ? `ip6/${inner}` : undefined;
};

/** A relay is known by its peer id, so there is no short form. */
export const relayAddress = (text: string): string => {
  if (relayIdOf(text) === undefined) {
    throw new CliError('OPTION_WRONG', {
      problem: `--relay "${text}" is not the address of a relay: \`ocap relay status\` shows it there, and it ends with /p2p/<peer id>`,
    });
  }
  return text;
};

/** The peer id at the end of a relay's multiaddr. */
export const relayIdOf = (address: string): string | undefined =>
  /^\/.+\/p2p\/([1-9A-HJ-NP-Za-km-z]+)$/u.exec(address)?.[1];

/** Whether only programs of the same machine can connect there. */
export const isLoopback = (address: string): boolean =>
  /^\/(?:ip4\/127\.|ip6\/::1\/)/u.test(address);
