/**
 * The cap on messages of another kernel that wait for something that may never
 * come: for a promise to be settled, or for a third kernel. Its frames cannot be
 * held back until there is room, for then everything else that it has to say
 * would wait as well, and perhaps what all of it waits for; so further ones are
 * rejected.
 */
import harden from '@endo/harden';
import {
  fail,
  isRemoteId,
  type OcapError,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Giver } from './store/rows.ts';

/** Why a further one is rejected; undefined if it may wait. */
export type ParkingExcess = (sender: Giver) => OcapError | undefined;

export const makeParkingExcess = ({
  store,
  powers,
}: Pick<KernelContext, 'store' | 'powers'>): ParkingExcess => {
  const { remoteParkedMessages, remoteParkedBytes } = powers.limits;
  /** Those that were full, and had more than half left since. */
  const full = new Set<RemoteId>();

  const excess = (id: RemoteId): OcapError | undefined => {
    const { messages, chars } = store.parked(id);
    if (messages < remoteParkedMessages / 2 && chars < remoteParkedBytes / 2) {
      full.delete(id);
    }
    return messages >= remoteParkedMessages
      ? fail('LIMIT_REACHED', {
          limit: 'remoteParkedMessages',
          value: messages,
          max: remoteParkedMessages,
          unit: 'messages that wait for promises or other kernels',
        })
      : chars >= remoteParkedBytes
        ? fail('LIMIT_REACHED', {
            limit: 'remoteParkedBytes',
            value: chars,
            max: remoteParkedBytes,
            unit: 'characters that wait for promises or other kernels',
          })
        : undefined;
  };

  return harden((sender: Giver) => {
    if (!isRemoteId(sender)) {
      return undefined;
    }
    const error = excess(sender);
    if (error !== undefined && !full.has(sender)) {
      full.add(sender);
      const peer = store.remotes.get(sender)?.peerId ?? sender;
      powers.logger.warn(
        `messages of another kernel are rejected: ${error.message}`,
        { peer },
      );
    }
    return error;
  });
};
