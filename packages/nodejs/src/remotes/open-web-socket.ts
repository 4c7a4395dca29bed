/**
 * Opens a WebSocket to where a multiaddr says, and gives it up when it is told
 * to: libp2p would leave it open, to somebody who may answer never.
 */
import type { Multiaddr } from '@multiformats/multiaddr';

/** Rejects with why it could not, or with the reason of the signal. */
export const openWebSocket = async (
  address: Multiaddr,
  signal: AbortSignal,
): Promise<WebSocket> => {
  signal.throwIfAborted();
  const socket = new WebSocket(urlOf(address));
  socket.binaryType = 'arraybuffer';
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  const abort = (): void => {
    reject(signal.reason as Error);
    socket.close();
  };
  signal.addEventListener('abort', abort);
  socket.addEventListener('open', () => resolve(socket));
  socket.addEventListener('error', (event) => {
    const { message = '' } = event as Event & { message?: string };
    reject(Error(message || 'no WebSocket could be opened'));
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

/** Of `/<host>/tcp/<port>[/tls[/sni/<name>]]/(ws|wss)`, whatever follows. */
const urlOf = (address: Multiaddr): string => {
  const parts = address.getComponents();
  const valueOf = (name: string): string | undefined =>
    parts.find((part) => part.name === name)?.value;
  const isSecure = parts.some(({ name }) => name === 'tls' || name === 'wss');
  const [host] = parts.filter(({ name }) => /^(?:ip4|ip6|dns.*)$/u.test(name));
  const name =
    valueOf('sni') ?? (host?.name === 'ip6' ? `[${host.value}]` : host?.value);
  return `${isSecure ? 'wss' : 'ws'}://${name}:${valueOf('tcp')}/`;
};
