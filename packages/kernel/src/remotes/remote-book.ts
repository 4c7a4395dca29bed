/**
 * The other kernels that this one knows: each has a number, a c-list, and a
 * gate. The gate is the one object that a kernel introduces to every other one,
 * under `o+0` as its sender names it; object URLs are redeemed there, so that
 * redeeming is a message like any other.
 */
import harden from '@endo/harden';
import {
  fail,
  objectKRef,
  remoteId,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type { Grants } from '../services/grants.ts';
import type { RemoteRow } from '../store/rows.ts';
import { GATE, GATES, OUR_GATE, THEIR_GATE } from './gates.ts';
import { leastMissed } from './least-missed.ts';
import { makeRemotePast } from './remote-past.ts';

const SESSION_BYTES = 16;
const MAX_HINTS = 16;

export type RemoteBook = Readonly<{
  ids(): Iterable<RemoteId>;
  find(peerId: string): RemoteId | undefined;
  row(id: RemoteId): RemoteRow;
  set(id: RemoteId, change: Partial<RemoteRow>): void;
  /** Where it may be reached; the newest come first, and too many are forgotten. */
  learnHints(id: RemoteId, hints: readonly string[]): void;
  /** Whether it was not forgotten meanwhile. */
  isKnown(id: RemoteId): boolean;
  /** @throws LIMIT_REACHED */
  meet(
    peerId: string,
    options?: Readonly<{
      /** Somebody here has named it. */ isWanted?: boolean;
    }>,
  ): RemoteId;
  /** Not forgotten for others until what it returns is called: it is being asked for something. */
  keep(id: RemoteId): () => void;
  isKept(id: RemoteId): boolean;
  /** Its gate, as this kernel names it. */
  gateOf(id: RemoteId): KRef;
  /** Whether there is anything between the two but their gates. */
  isAcquainted(id: RemoteId): boolean;
  /**
   * Whatever was between the two has ended, for the given reason; what comes is
   * a new acquaintance. `theirSession` is theirs, if it is known.
   */
  startAnew(id: RemoteId, reason: string, theirSession: string | null): void;
  /** Whether there was so much between the two that it is still being forgotten: nothing new may begin. */
  isEnding(id: RemoteId): boolean;
  /** Whether what it is losing just now it has not given up itself. */
  isForgetting(id: RemoteId): boolean;
  /** Goes on with what an earlier daemon was forgetting. */
  recover(): void;
  stop(): void;
  forget(id: RemoteId, reason: string): void;
}>;

export const makeRemoteBook = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'events' | 'outbox' | 'powers'
  >,
  grants: Grants,
  on: Readonly<{
    /** It is not known any more. */
    forgotten: (id: RemoteId, reason: string) => void;
    isConnected: (id: RemoteId) => boolean;
    /** What was between the two is forgotten, and it may come again. */
    begunAnew: (id: RemoteId) => void;
  }>,
): RemoteBook => {
  const { store, refs, events, powers } = context;
  const byPeer = new Map<string, RemoteId>();
  const holds = new Set<Readonly<{ id: RemoteId }>>();
  for (const [id, { peerId }] of store.scan().remotes()) {
    byPeer.set(peerId, id);
  }

  const row = (id: RemoteId): RemoteRow => {
    const found = store.remotes.get(id);
    if (found === undefined) {
      throw fail('INVARIANT', { what: `${id} has no row` });
    }
    return found;
  };

  const set = (id: RemoteId, change: Partial<RemoteRow>): void =>
    store.remotes.set(id, { ...row(id), ...change });

  const openGates = (id: RemoteId): void => {
    const ours = grants.make({
      service: GATE,
      grantee: id,
      methods: null,
      parent: null,
      params: null,
    });
    store.clist.set(id, ours, { vref: OUR_GATE, reachable: true });
    refs.hold(ours);
    const theirs = objectKRef(store.nextId('object'));
    store.objects.set(theirs, {
      owner: id,
      reachable: 0,
      recognizable: 0,
      gone: null,
    });
    store.clist.set(id, theirs, { vref: THEIR_GATE, reachable: true });
    refs.hold(theirs); // for as long as the remote is known
  };

  const dropFrames = (id: RemoteId): void => {
    for (const { seq } of [...store.scan().remoteOutbox(id)]) {
      store.remoteOutbox.delete(`${id} ${seq}`);
    }
  };

  const isEnding = (id: RemoteId): boolean => row(id).ending !== null;

  /** Whatever comes is a new acquaintance. */
  const openAnew = (id: RemoteId, theirSession: string | null): void =>
    store.savepoint(() => {
      set(id, fresh(theirSession));
      openGates(id);
      refs.collect();
    });

  const past = makeRemotePast(context, (id, reason) => {
    past.forget(id, reason);
    openAnew(id, null);
    on.begunAnew(id);
  });

  /** For somebody who comes, or who is wanted. */
  const makeRoom = (isWanted: boolean): void => {
    const known = [...byPeer.values()]
      .filter((id) => !isKept(id))
      .map((id) => ({
        id,
        standing: row(id).standing,
        isAcquainted: isAcquainted(id),
        isConnected: on.isConnected(id),
        seenAt: row(id).seenAt,
      }));
    const one = leastMissed(known, isWanted);
    if (one !== undefined) {
      forget(one, 'it had nothing here, and others came');
    }
  };

  const isKept = (id: RemoteId): boolean =>
    [...holds].some((hold) => hold.id === id);

  const isAcquainted = (id: RemoteId): boolean => {
    if (store.inbox.size(id) > 0 || store.gcActions.size(id) > 0) {
      return true;
    }
    return store.clist.size(id) > GATES;
  };

  const forget = (id: RemoteId, reason: string): void => {
    const { peerId } = row(id);
    dropFrames(id);
    past.forget(id, reason);
    store.remotes.delete(id);
    byPeer.delete(peerId);
    on.forgotten(id, reason);
  };

  const fresh = (theirSession: string | null) => ({
    session: powers.randomHex(SESSION_BYTES),
    theirSession,
    nextImport: 1,
    sent: 0,
    received: 0,
    ending: null,
  });

  return harden({
    ids: () => [...byPeer.values()],
    find: (peerId: string) => byPeer.get(peerId),
    row,
    set,
    learnHints: (id: RemoteId, hints: readonly string[]) => {
      const all = new Set([...hints, ...row(id).hints]);
      set(id, { hints: [...all].slice(0, MAX_HINTS) });
    },
    isKnown: (id: RemoteId) => store.remotes.get(id) !== undefined,
    keep: (id: RemoteId) => {
      const hold = { id };
      holds.add(hold);
      return () => void holds.delete(hold);
    },
    isKept,
    meet: (peerId: string, { isWanted = false } = {}) => {
      const known = byPeer.get(peerId);
      if (known !== undefined) {
        return known;
      }
      const max = powers.limits.remotePeers;
      if (byPeer.size >= max) {
        makeRoom(isWanted);
      }
      if (byPeer.size >= max) {
        throw fail('LIMIT_REACHED', {
          limit: 'remotePeers',
          value: byPeer.size + 1,
          max,
          unit: 'other kernels',
        });
      }
      const id = store.savepoint(() => {
        const made = remoteId(store.nextId('remote'));
        store.remotes.set(made, {
          peerId,
          hints: [],
          ...fresh(null),
          cut: null,
          seenAt: powers.epoch(),
          standing: 'stranger',
        });
        openGates(made);
        refs.collect();
        return made;
      });
      byPeer.set(peerId, id);
      return id;
    },
    gateOf: (id: RemoteId) => {
      const kref = store.clist.krefOf(id, THEIR_GATE);
      if (kref === undefined) {
        throw fail('INVARIANT', { what: `${id} has no gate` });
      }
      return kref;
    },
    isAcquainted,
    startAnew: (id: RemoteId, reason: string, theirSession: string | null) => {
      if (isEnding(id)) {
        return; // nothing new has come between the two
      }
      dropFrames(id);
      if (past.isLarge(id)) {
        // What is still to be forgotten has the names of before.
        const { nextImport } = row(id);
        set(id, { ...fresh(null), nextImport, ending: reason });
        past.forgetInParts(id);
      } else {
        past.forget(id, reason);
        openAnew(id, theirSession);
      }
      events.note('remote', 'started anew', {
        remote: id,
        peerId: row(id).peerId,
        reason,
      });
    },
    forget,
    isEnding,
    isForgetting: past.isForgetting,
    recover: () => {
      for (const id of byPeer.values()) {
        if (isEnding(id)) {
          past.forgetInParts(id);
        }
      }
    },
    stop: past.stop,
  });
};
