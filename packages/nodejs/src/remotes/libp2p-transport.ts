/**
 * Links to other daemons over libp2p: TCP, WebSockets and QUIC, directly or
 * through relays. libp2p is loaded when it is started; a daemon that talks to
 * nobody pays nothing.
 */
import type { PeerTransport } from '@ocap/kernel';
import type { LimitValues, Logger } from '@ocap/kernel-utils';
import type { OpenTransport } from './open-transport.ts';
import { problemOf } from './problem-of.ts';

export const makeLibp2pTransport = ({
  seed,
  limits,
  logger,
}: Readonly<{
  /** The key of this daemon (`peer-identity.ts`), asked for at the start. */
  seed: () => Uint8Array;
  limits: LimitValues;
  logger: Logger;
}>): PeerTransport => {
  const listeners: (() => void)[] = [];
  let opening: Promise<OpenTransport> | undefined;
  let open: OpenTransport | undefined;

  const onChange = (): void => {
    for (const listener of open === undefined ? [] : listeners) {
      listener();
    }
  };

  return {
    start: async (options, onLink) => {
      if (opening !== undefined) {
        throw Error('this daemon talks to others already');
      }
      const mine = (opening = import('./open-transport.ts').then(
        async ({ openTransport }) =>
          openTransport({
            seed: seed(),
            limits,
            logger,
            options,
            onLink,
            onChange,
          }),
      ));
      try {
        const opened = await mine;
        // Unless it was stopped meanwhile.
        if (opening === mine) {
          open = opened;
        }
      } catch (error) {
        if (opening === mine) {
          opening = undefined;
        }
        throw error;
      }
      onChange();
    },
    addresses: () => open?.addresses() ?? [],
    connect: async (peerId, addresses) => {
      if (open === undefined) {
        throw Error(
          'this daemon does not talk to others: it was not started for that',
        );
      }
      try {
        await open.connect(peerId, addresses);
      } catch (error) {
        throw Error(problemOf(error), { cause: error });
      }
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    stop: async () => {
      const stopping = opening;
      opening = undefined;
      open = undefined;
      const opened = await stopping?.catch(() => undefined);
      await opened?.stop();
    },
  };
};
