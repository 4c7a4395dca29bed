/**
 * Messages to a result of another kernel go there at once; if the result turns
 * out to be an object of this kernel, they come back. Whoever is told of the
 * result meanwhile would overtake them with messages of its own. So what such a
 * promise has settled to is held back until everything that was under way has
 * come back. The idea is the embargo of CapTP.
 */
import harden from '@endo/harden';
import {
  isRemoteId,
  type CapData,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { presenceIn } from '../messages.ts';

export type Embargo = Readonly<{
  /** Whether a settlement must be held back, because messages may still be on their way to it. */
  isNeeded(id: RemoteId, kref: KRef, data: CapData<KRef>): boolean;
  /** Within a savepoint. */
  begin(id: RemoteId, kref: KRef, data: CapData<KRef>): void;
  /** Takes up those of an earlier daemon. */
  recover(): void;
  /** What has not ended is left to the next daemon. */
  stop(): void;
}>;

export const makeEmbargo = (
  {
    store,
    refs,
    messages,
    outbox,
  }: Pick<KernelContext, 'store' | 'refs' | 'messages' | 'outbox'>,
  on: Readonly<{
    /** Resolves when the other kernel has answered, after all that it had to say before. */
    roundTrip: (id: RemoteId) => Promise<unknown>;
    /** Resolves when all that was sent to the object by way of that kernel is with its owner. */
    emptied: (id: RemoteId, target: KRef) => Promise<unknown>;
  }>,
): Embargo => {
  let stopped = false;
  const end = (id: RemoteId, kref: KRef): void => {
    if (stopped) {
      return; // nobody has answered: this daemon ends
    }
    const row = store.promises.get(kref);
    const data = row?.data;
    if (row === undefined || row.state !== 'unresolved' || !data) {
      return;
    }
    store.savepoint(() => {
      store.promises.set(kref, { ...row, data: null });
      messages.resolve(kref, false, data, id);
      refs.releaseAll(data.slots);
      if (store.clist.get(id, kref) !== undefined) {
        store.gcActions.add(id, 'forgetPromise', kref);
      }
      refs.collect();
    });
    outbox.touch();
  };

  const wait = (id: RemoteId, kref: KRef): void => {
    const done = (): void => end(id, kref);
    const { data } = refs.promise(kref);
    const target = data === null ? undefined : presenceIn(data);
    const arrived =
      target !== undefined && cameFrom(id, target)
        ? on.emptied(id, target)
        : on.roundTrip(id);
    arrived.then(done, done);
  };

  /** It is, or will be, reached without the kernel that has settled the promise to it. */
  const cameFrom = (id: RemoteId, target: KRef): boolean =>
    store.shortcuts.get(target)?.through === id;

  return harden({
    isNeeded: (id: RemoteId, kref: KRef, data: CapData<KRef>) => {
      const target = presenceIn(data);
      if (target === undefined) {
        return false;
      }
      // Whatever was sent to it: its settlement may have waited there for its
      // frame when the last message came, and be said before that comes back.
      const isSent = (store.clist.get(id, kref)?.sent ?? 0) > 0;
      return (
        isSent && (cameFrom(id, target) || refs.object(target).owner !== id)
      );
    },
    begin: (id: RemoteId, kref: KRef, data: CapData<KRef>) => {
      refs.holdAll(data.slots);
      // Nobody decides it any more: what is sent to it now waits here.
      const row = refs.promise(kref);
      store.promises.set(kref, { ...row, decider: null, data, settledBy: id });
      messages.recall(kref);
      store.whenKept(() => wait(id, kref));
    },
    recover: () => {
      for (const [kref, { state, data, settledBy }] of store
        .scan()
        .promises()) {
        if (state === 'unresolved' && data !== null && isRemoteId(settledBy)) {
          wait(settledBy, kref);
        }
      }
    },
    stop: () => {
      stopped = true;
    },
  });
};
