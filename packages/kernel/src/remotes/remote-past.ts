/**
 * Forgets what was between this kernel and another: names, messages, frames. A
 * peer may have left very many here, so that forgetting them at once would keep
 * everybody else waiting: then it is done a part at a time, as at the end of a
 * large vat. The peer is put off meanwhile. The next daemon goes on with it.
 */
import harden from '@endo/harden';
import {
  fail,
  type EndpointId,
  type KRef,
  type RemoteId,
  type VRef,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { makeForgetEndpoint, type ForgetEndpoint } from '../forget-endpoint.ts';
import { makeInTurns } from '../in-turns.ts';
import { GATES, OUR_GATE, THEIR_GATE } from './gates.ts';

export type RemotePast = Readonly<{
  /** Forgets all of it now. */
  forget(id: RemoteId, reason: string): void;
  /** Whether there is so much of it that this would take long. */
  isLarge(id: RemoteId): boolean;
  /** Of one whose row says why it has ended: forgets all but the gates, in parts. */
  forgetInParts(id: RemoteId): void;
  /** Whether what is given up for it just now is given up by this kernel alone. */
  isForgetting(id: RemoteId): boolean;
  stop(): void;
}>;

/** Between two parts, in ms. */
const PAUSE_MS = 2;

export const makeRemotePast = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'outbox' | 'powers'
  >,
  /** Little of it is left. */
  finish: (id: RemoteId, reason: string) => void,
): RemotePast => {
  const { store, refs, outbox, powers } = context;
  const forgetEndpoint = makeForgetEndpoint(context);
  // Each name has rows in several tables.
  const atOnce = Math.ceil(powers.limits.writesAtOnce / 4);

  const lost = (id: RemoteId, reason: string) =>
    fail('PEER_LOST', { peer: store.remotes.get(id)?.peerId ?? id, reason });

  const releaseStale = (
    id: RemoteId,
    names: Iterable<readonly [key: string, KRef]>,
  ): void => {
    for (const [key, kref] of names) {
      store.staleNames.delete(id, key.slice(id.length + 1) as VRef);
      refs.release(kref);
    }
  };

  let forgetting: EndpointId | undefined;
  /** Within a savepoint. */
  const forgetEntries: ForgetEndpoint = (id, ...rest) => {
    forgetting = id;
    try {
      forgetEndpoint(id, ...rest);
    } finally {
      forgetting = undefined;
    }
  };

  const forgetSome = (id: RemoteId, reason: string): void => {
    const scan = store.scan();
    const stale = [...scan.staleNames(id, atOnce)];
    const entries = [...scan.clistStart(id, atOnce + GATES)].filter(
      ({ vref }) => vref !== OUR_GATE && vref !== THEIR_GATE,
    );
    store.savepoint(() => {
      forgetEntries(id, entries, lost(id, reason), atOnce);
      releaseStale(id, stale);
      refs.collect();
    });
  };

  const isLarge = (id: RemoteId): boolean =>
    Math.max(
      store.clist.size(id) - GATES,
      store.staleNames.size(id),
      store.inbox.size(id),
    ) > atOnce;

  const ending = new Map<RemoteId, true>();
  const inTurns = makeInTurns(powers, ending, {
    pauseMs: PAUSE_MS,
    doSome: (id) => {
      const reason = store.remotes.get(id)?.ending ?? null;
      if (reason === null) {
        ending.delete(id);
      } else if (isLarge(id)) {
        forgetSome(id, reason);
      } else {
        ending.delete(id);
        finish(id, reason);
      }
      outbox.touch();
    },
  });

  return harden({
    forget: (id: RemoteId, reason: string) => {
      const scan = store.scan();
      const entries = [...scan.clist(id)];
      const stale = [...scan.staleNames(id)];
      store.savepoint(() => {
        forgetEntries(id, entries, lost(id, reason));
        releaseStale(id, stale);
        refs.collect();
      });
    },
    isLarge,
    forgetInParts: (id: RemoteId) => {
      ending.set(id, true);
      inTurns.schedule();
    },
    isForgetting: (id: RemoteId) => forgetting === id,
    stop: inTurns.stop,
  });
};
