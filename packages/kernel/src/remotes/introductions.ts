/**
 * Objects of other kernels that this one has passed to a third: the two are
 * introduced, so that the third can reach the object without this kernel. The
 * owner is asked to let the third have it for a token (`vouch`), and the third
 * is told (`handOff`). What it then has it has from this kernel, as before: when
 * that ends here, the owner is told (`unvouch`) until it has heard.
 *
 * A row is there from the first time that the object was named to the third
 * until the third has dropped it or lost it, and the owner knows.
 */
import harden from '@endo/harden';
import {
  isRemoteId,
  ROOT_VREF,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { REVOKED } from '../gone.ts';
import type { IntroductionRow } from '../store/rows.ts';
import { flipped } from './frames.ts';
import { GateRefusal, type Ask } from './gate-calls.ts';

type Ended = 'returned' | 'revoked' | 'forgotten';

export type Introductions = Readonly<{
  /** It was named to `to`. Within the savepoint of the frame that does. */
  onPassed(to: RemoteId, kref: KRef): void;
  /** `to` cannot call it any more; if it was forgotten here, it may have it still from its owner. Within a savepoint. */
  onDropped(to: RemoteId, kref: KRef, how: 'returned' | 'forgotten'): void;
  /** Takes up those of an earlier daemon. */
  recover(): void;
  stop(): void;
}>;

const TOKEN_BYTES = 32;
const MAX_HINTS = 6;
/** Introductions to one kernel under way at a time; fewer than it allows. */
const AT_A_TIME = 4;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60 * 60 * 1000;
const nothing = (): void => undefined;

/** One introduction: what was passed, and to whom. */
type Case = Readonly<{ kref: KRef; to: RemoteId }>;

export const makeIntroductions = (
  {
    store,
    refs,
    caps,
    events,
    outbox,
    powers,
  }: Pick<
    KernelContext,
    'store' | 'refs' | 'caps' | 'events' | 'outbox' | 'powers'
  >,
  ask: Ask,
): Introductions => {
  const { objects, clist, introductions, remotes } = store;
  /** To whom each object was introduced; may name too many after a rollback. */
  const known = new Map<KRef, Set<RemoteId>>();
  const counts = new Map<RemoteId, number>();
  const queues = new Map<RemoteId, { active: number; waiting: Case[] }>();
  const pauses = new Set<() => void>();
  /** Those whose owner may have been asked already. */
  const begun = new Set<string>();
  let isStopped = false;

  const keyOf = ({ kref, to }: Case): string => `${kref} ${to}`;
  const rowOf = (one: Case): IntroductionRow | undefined =>
    introductions.get(keyOf(one));

  const learn = ({ kref, to }: Case, owner: RemoteId): void => {
    known.set(kref, (known.get(kref) ?? new Set()).add(to));
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  };

  const remove = (one: Case, owner: RemoteId): void => {
    introductions.delete(keyOf(one));
    begun.delete(keyOf(one));
    const all = known.get(one.kref);
    all?.delete(one.to);
    if (all?.size === 0) {
      known.delete(one.kref);
    }
    counts.set(owner, (counts.get(owner) ?? 1) - 1);
  };

  const isEnded = ({ kref, to }: Case): boolean =>
    objects.get(kref)?.gone === REVOKED || caps.isBarred(to, kref);

  /** As `to` calls it, if it still can. */
  const nameOf = ({ kref, to }: Case): string | undefined => {
    const entry = clist.get(to, kref);
    return entry?.reachable === true ? flipped(entry.vref) : undefined;
  };

  const later = (attempt: number, task: () => void): void => {
    if (isStopped) {
      return;
    }
    const pause = FIRST_PAUSE_MS * 2 ** Math.min(attempt, 20);
    const cancel = powers.after(Math.min(pause, LONGEST_PAUSE_MS), () => {
      pauses.delete(cancel);
      task();
    });
    pauses.add(cancel);
  };

  /** Whether there is still something to do for this row. */
  const isOpen = (one: Case, { hash }: IntroductionRow): boolean => {
    const row = rowOf(one);
    return row?.hash === hash && row.ended === null && row.token !== null;
  };

  const introduce = async (one: Case, row: IntroductionRow): Promise<void> => {
    const { owner, hash, token } = row;
    const peerId = remotes.get(one.to)?.peerId ?? '';
    await ask(
      owner,
      'vouch',
      (passed) => [passed(one.kref), peerId, hash],
      nothing,
    );
    const name = nameOf(one);
    const at = remotes.get(owner);
    if (!isOpen(one, row) || name === undefined || at === undefined) {
      return;
    }
    const hints = at.hints.slice(0, MAX_HINTS);
    const isShort = await ask(
      one.to,
      'handOff',
      () => [name, at.peerId, hints, token],
      ({ body }) => body === '#true',
    );
    if (isOpen(one, row)) {
      store.savepoint(() =>
        introductions.set(keyOf(one), { ...row, token: null }),
      );
      outbox.touch();
    }
    if (!isShort) {
      // It had the object already, and keeps both ways to it.
      await ask(owner, 'unvouch', () => [hash, false], nothing);
    }
  };

  const queueOf = (to: RemoteId) => {
    const queue = queues.get(to) ?? { active: 0, waiting: [] };
    queues.set(to, queue);
    return queue;
  };

  const begin = (one: Case, attempt = 0): void => {
    const queue = queueOf(one.to);
    const row = rowOf(one);
    if (row === undefined || !isOpen(one, row) || isStopped) {
      return;
    }
    if (queue.active >= AT_A_TIME) {
      queue.waiting.push(one);
      return;
    }
    if (objects.get(one.kref)?.owner !== row.owner || !nameOf(one)) {
      return; // its owner is lost, or it is about to be given back
    }
    queue.active += 1;
    begun.add(keyOf(one));
    introduce(one, row)
      .catch((error: unknown) => {
        powers.logger.debug(
          `two other kernels could not be introduced: ${String(error)}`,
          { object: one.kref, to: one.to },
        );
        later(attempt, () => begin(one, attempt + 1));
      })
      .finally(() => {
        queue.active -= 1;
        // Some may have ended while they waited.
        while (queue.active < AT_A_TIME && queue.waiting.length > 0) {
          begin(queue.waiting.shift() as Case);
        }
      });
  };

  /** Its owner knows that it has ended. It may have been passed anew meanwhile. */
  const onEnded = (one: Case, owner: RemoteId): void => {
    store.savepoint(() => {
      remove(one, owner);
      if (nameOf(one) !== undefined) {
        onPassed(one.to, one.kref);
      }
    });
    outbox.touch();
  };

  const end = (one: Case, attempt = 0): void => {
    const row = rowOf(one);
    if (row === undefined || row.ended === null || isStopped) {
      return;
    }
    const { owner, hash, ended } = row;
    if (remotes.get(owner) === undefined) {
      onEnded(one, owner);
      return;
    }
    ask(owner, 'unvouch', () => [hash, ended === 'revoked'], nothing).then(
      () => onEnded(one, owner),
      (error: unknown) => {
        // One that cannot do this cannot have vouched.
        if (error instanceof GateRefusal && error.code === 'CALL_REJECTED') {
          onEnded(one, owner);
        } else {
          later(attempt, () => end(one, attempt + 1));
        }
      },
    );
  };

  /** In the same commit as what has ended it. Within a savepoint. */
  const beginEnd = (one: Case, how: Ended): void => {
    const row = rowOf(one);
    if (row === undefined || row.ended !== null) {
      return;
    }
    if (how === 'forgotten' || !begun.has(keyOf(one))) {
      introductions.delete(keyOf(one)); // nobody is told
      store.whenKept(() => remove(one, row.owner));
    } else {
      introductions.set(keyOf(one), { ...row, ended: how });
      store.whenKept(() => soon(() => end(one)));
    }
  };

  /** When whatever is being done is done. */
  const soon = (task: () => void): void => {
    void Promise.resolve().then(task).catch(powers.fatal);
  };

  const onPassed: Introductions['onPassed'] = (to, kref) => {
    const { owner, gone } = refs.object(kref);
    const one = { kref, to };
    if (
      !isRemoteId(owner) ||
      owner === to ||
      gone !== null ||
      clist.get(owner, kref)?.vref === ROOT_VREF ||
      rowOf(one) !== undefined ||
      (counts.get(owner) ?? 0) >= powers.limits.remoteIntroductions ||
      isEnded(one)
    ) {
      return;
    }
    const token = powers.randomHex(TOKEN_BYTES);
    const row = { owner, hash: powers.hash(token), token, ended: null };
    introductions.set(keyOf(one), row);
    store.whenKept(() => {
      learn(one, owner);
      soon(() => begin(one));
    });
  };

  events.listen((_seq, { type, about }) => {
    const kref = about['ref'] as KRef | undefined;
    const all = type === 'revoked' && kref !== undefined && known.get(kref);
    for (const to of all || []) {
      const one = { kref, to } as Case;
      if (isEnded(one)) {
        store.savepoint(() => beginEnd(one, 'revoked'));
      }
    }
  });

  return harden({
    onPassed,
    onDropped: (to: RemoteId, kref: KRef, how: 'returned' | 'forgotten') => {
      if (known.has(kref)) {
        beginEnd({ kref, to }, how);
      }
    },
    recover: () => {
      for (const [key, row] of store.scan().introductions()) {
        const [kref, to] = key.split(' ') as [KRef, RemoteId];
        const one = { kref, to };
        learn(one, row.owner);
        begun.add(key);
        soon(() => (row.ended === null ? begin(one) : end(one)));
      }
    },
    stop: () => {
      isStopped = true;
      pauses.forEach((cancel) => cancel());
    },
  });
};
