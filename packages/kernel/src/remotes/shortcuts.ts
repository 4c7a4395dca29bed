/**
 * Objects of one kernel that came from another, reached without the latter. The
 * two names are made one: afterwards the object is its owner's, and known to
 * both kernels under the name that each has given it, so that it is the same
 * for everybody here and comes home as itself to either. Should one of the two
 * be lost, the other remains.
 *
 * Messages that went the old way must not be overtaken. So what is sent while
 * the old way is emptied (by a `sync` that goes along it) waits in the queue of
 * the object, as at a promise.
 */
import harden from '@endo/harden';
import { fail, isRemoteId, type KRef, type RemoteId } from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type { ObjectRow } from '../store/rows.ts';
import { GateRefusal, type Ask } from './gate-calls.ts';

export type Shortcuts = Readonly<{
  /** Whether `direct`, held by nothing but the answer in which it came, can take that place. */
  canMerge(kref: KRef, direct: KRef): boolean;
  /**
   * Reaches `kref`, which came from `through`, as what `direct` is. Rejects, and
   * it is reached as before, if that cannot be.
   */
  begin(kref: KRef, through: RemoteId, direct: KRef): Promise<void>;
  /** Undefined if there is none; pending while messages wait. */
  of(kref: KRef): Promise<void> | undefined;
  /** Resolves when all that was sent to the object by way of `through` is with its owner. */
  emptied(through: RemoteId, kref: KRef): Promise<void>;
  /** The same for what was sent by way of this kernel. */
  passedOn(kref: KRef): Promise<void>;
  /**
   * Nobody here can call it any more. Within a savepoint. Whether it is given up
   * in steps: first at its owner.
   */
  onIdle(kref: KRef): boolean;
  /** Takes up those of an earlier daemon. */
  recover(): void;
}>;

/** Restarts on the way after which it is not tried again. */
const MOST_INTERRUPTIONS = 50;
const nothing = (): void => undefined;

export const makeShortcuts = (
  {
    store,
    refs,
    messages,
    outbox,
  }: Pick<KernelContext, 'store' | 'refs' | 'messages' | 'outbox'>,
  ask: Ask,
): Shortcuts => {
  const { objects, shortcuts, clist, gcActions } = store;
  const opening = new Map<KRef, Promise<void>>();
  /** How often nobody could call it any more since it was last looked at. */
  const idle = new Map<KRef, number>();

  const emptied: Shortcuts['emptied'] = async (through, kref) => {
    for (let interruptions = 0; ; interruptions += 1) {
      try {
        await ask(through, 'sync', (passed) => [passed(kref)], nothing);
        return;
      } catch (error) {
        // A kernel on the way has ended before it had the answer.
        if (
          !(error instanceof GateRefusal && error.code === 'INTERRUPTED') ||
          interruptions >= MOST_INTERRUPTIONS
        ) {
          throw error;
        }
      }
    }
  };

  const abandon = (kref: KRef): void => {
    store.savepoint(() => {
      const direct = shortcuts.get(kref)?.direct ?? null;
      if (direct !== null) {
        shortcuts.delete(kref);
        refs.release(direct);
        messages.sendOn(kref);
        refs.collect();
      }
    });
    outbox.touch();
  };

  /** Makes one object of the two. Within a savepoint. */
  const merge = (kref: KRef, direct: KRef): void => {
    const { owner } = refs.object(direct) as ObjectRow & { owner: RemoteId };
    const entry = clist.get(owner, direct);
    if (entry === undefined) {
      throw fail('INVARIANT', { what: `${owner} has no name for ${direct}` });
    }
    clist.delete(owner, direct);
    gcActions.remove(owner, 'dropExport', direct);
    gcActions.remove(owner, 'retireExport', direct);
    objects.delete(direct);
    clist.set(owner, kref, { vref: entry.vref, reachable: true });
    objects.set(kref, { ...refs.object(kref), owner });
  };

  const open = (kref: KRef): void => {
    const row = shortcuts.get(kref);
    const direct = row?.direct ?? null;
    if (row === undefined || direct === null) {
      return; // nobody here could call it any more
    }
    if (objects.get(kref)?.owner !== row.through || !canMerge(kref, direct)) {
      throw Error(`${kref} has changed meanwhile`);
    }
    store.savepoint(() => {
      merge(kref, direct);
      shortcuts.set(kref, { ...row, direct: null });
      messages.sendOn(kref);
      refs.collect();
    });
    outbox.touch();
  };

  /**
   * Whoever else has it already could not be told that its name has changed; nor
   * could its owner, if that was given the other name as one of this kernel's.
   */
  const canMerge = (kref: KRef, direct: KRef): boolean => {
    const row = objects.get(direct);
    return (
      isRemoteId(row?.owner) &&
      row.gone === null &&
      row.reachable === 1 &&
      row.recognizable === 1 &&
      clist.get(row.owner, kref) === undefined
    );
  };

  const finish = async (kref: KRef, through: RemoteId): Promise<void> => {
    const done = emptied(through, kref)
      .then(() => open(kref))
      .catch((error: unknown) => {
        abandon(kref);
        throw error;
      })
      .finally(() => opening.delete(kref));
    done.catch(nothing);
    opening.set(kref, done);
    return done;
  };

  /**
   * It is given up at its owner first, and only when all that was sent there has
   * arrived: to the kernel from which it came it is then as if it had never been
   * reached otherwise, and that one will have what is left of it ended.
   */
  const leave = (kref: KRef): void => {
    const count = (idle.get(kref) ?? 0) + 1;
    idle.set(kref, count);
    const owner = objects.get(kref)?.owner;
    if (!isRemoteId(owner)) {
      return;
    }
    const retire = (): void => {
      if (idle.get(kref) !== count) {
        return;
      }
      idle.delete(kref);
      const row = objects.get(kref);
      if (
        shortcuts.get(kref) !== undefined &&
        row?.owner === owner &&
        row.reachable === 0
      ) {
        store.savepoint(() => gcActions.add(owner, 'retireExport', kref));
        outbox.touch();
      }
    };
    ask(owner, 'sync', () => [], nothing).then(retire, retire);
  };

  return harden({
    canMerge,
    begin: async (kref: KRef, through: RemoteId, direct: KRef) => {
      store.savepoint(() => {
        refs.hold(direct);
        shortcuts.set(kref, { through, direct });
      });
      outbox.touch();
      return finish(kref, through);
    },
    of: (kref: KRef) =>
      opening.get(kref) ??
      (shortcuts.get(kref) === undefined ? undefined : Promise.resolve()),
    emptied,
    passedOn: async (kref: KRef) => {
      await opening.get(kref)?.catch(nothing);
      const owner = objects.get(kref)?.owner;
      if (isRemoteId(owner)) {
        await ask(owner, 'sync', () => [], nothing);
      }
    },
    onIdle: (kref: KRef) => {
      const { direct } = shortcuts.get(kref) ?? { direct: null };
      if (direct !== null) {
        shortcuts.delete(kref);
        refs.release(direct);
        return false;
      }
      const { owner } = refs.object(kref);
      if (isRemoteId(owner)) {
        gcActions.remove(owner, 'retireExport', kref);
        store.whenKept(() => leave(kref));
      }
      return true;
    },
    recover: () => {
      for (const [kref, { through, direct }] of store.scan().shortcuts()) {
        if (direct !== null) {
          void finish(kref, through).catch(nothing);
        } else if (objects.get(kref)?.reachable === 0) {
          leave(kref);
        }
      }
    },
  });
};
