/**
 * Where a message goes, and what a promise does when it settles. A message to
 * an object waits in the inbox of the vat that exports it; one to an unresolved
 * promise waits for the promise; one to a settled promise follows it.
 *
 * References held: a message holds its target, its slots and its result while
 * it waits anywhere; a settled promise holds its slots; a notification holds
 * its promise.
 */
import harden from '@endo/harden';
import {
  fail,
  isPromiseRef,
  isRemoteId,
  KERNEL,
  type OwnerId,
  type CapData,
  type KRef,
  type EndpointId,
} from '@ocap/kernel-utils';
import { goneError } from './gone.ts';
import type { ParkingExcess } from './parking.ts';
import { rejectionOf } from './kernel-errors.ts';
import { makePipelined } from './pipelined.ts';
import type { References } from './references.ts';
import type { KernelStore } from './store/kernel-store.ts';
import type { Giver, Message, PromiseRow } from './store/rows.ts';

export type Messages = Readonly<{
  /** Takes its own references to everything in the message. */
  send(message: Message): void;
  /** Puts a message whose references are held already where it has to wait. */
  place(message: Message): void;
  /** From now on `decider` settles the promise; another kernel is sent what waits for it. */
  decideBy(kref: KRef, decider: EndpointId): void;
  /** `by`: who is to be named as the giver of what the value refers to. */
  resolve(kref: KRef, rejected: boolean, data: CapData<KRef>, by: Giver): void;
  /**
   * The promise is not decided by another kernel any more: what waited for a
   * frame to that one goes where it now has to. Within a savepoint.
   */
  recall(kref: KRef): void;
  /** Sends on what has waited for the object; see remotes/shortcuts.ts. */
  sendOn(kref: KRef): void;
  /** The vat will be told when the promise settles; at once if it has. */
  subscribe(vatId: EndpointId, kref: KRef): void;
  /** Rejects the result of a message that will not be delivered, and lets go of it. */
  discard(message: Message, reason: CapData<KRef>): void;
  /** Lets go of a message that was delivered. */
  releaseMessage(message: Message): void;
}>;

export const makeMessages = (
  store: KernelStore,
  refs: References,
  events: Readonly<{
    /** Whether the sender has lost the right to call the object. */
    isBarred: (sender: Giver, kref: KRef) => boolean;
    parkingExcess: ParkingExcess;
    /** A vat, or the kernel's own services, has something new in its inbox. */
    onWork: (owner: OwnerId) => void;
    /** A promise that a client awaits, or that answers a request, has settled. */
    onSettled: (kref: KRef, row: PromiseRow) => void;
  }>,
): Messages => {
  const { promises, inbox, promiseQueue } = store;
  const pipelined = makePipelined(store);

  const releaseMessage = ({ target, methargs, result }: Message): void => {
    refs.release(target);
    refs.releaseAll(methargs.slots);
    if (result !== null) {
      refs.release(result);
    }
  };

  const discard = (message: Message, reason: CapData<KRef>): void => {
    if (message.result !== null) {
      resolve(message.result, true, reason, KERNEL);
    }
    releaseMessage(message);
  };

  /** Puts a message whose references are already held where it has to wait. */
  const place = (message: Message): void => {
    const { target } = message;
    if (!isPromiseRef(target)) {
      placeAtObject(message);
      return;
    }
    const row = refs.promise(target);
    if (row.state === 'unresolved') {
      const { decider } = row;
      park(message, () => {
        if (isRemoteId(decider)) {
          // It will know first where to send it.
          pipelined.note(target, appendTo(decider, message));
        } else {
          promiseQueue.append(target, message);
        }
      });
      return;
    }
    const data = row.data ?? { body: '', slots: [] };
    if (row.state === 'rejected') {
      discard(message, data);
      return;
    }
    const next = presenceIn(data);
    if (next === undefined) {
      const problem = `the promise ${target} settled to a value that is not a reference`;
      discard(message, rejectionOf(fail('NOT_CALLABLE', { problem })));
      return;
    }
    refs.hold(next);
    refs.release(target);
    place({ ...message, target: next });
  };

  const placeAtObject = (message: Message): void => {
    const { target } = message;
    const row = refs.object(target);
    const { owner } = row;
    const error = events.isBarred(message.sender, target)
      ? fail('OBJECT_REVOKED', { ref: target })
      : goneError(target, row);
    if (owner === null || error !== undefined) {
      discard(message, rejectionOf(error ?? fail('INVARIANT')));
      return;
    }
    if (!isRemoteId(owner)) {
      appendTo(owner, message);
      return;
    }
    park(message, () => {
      if (store.shortcuts.get(target)?.direct ?? null) {
        promiseQueue.append(target, message); // what was sent before arrives first
      } else {
        appendTo(owner, message);
      }
    });
  };

  const park = (message: Message, append: () => void): void => {
    const error = events.parkingExcess(message.sender);
    if (error === undefined) {
      append();
    } else {
      discard(message, rejectionOf(error));
    }
  };

  const appendTo = (owner: OwnerId, message: Message): number => {
    const seq = inbox.append(owner, {
      ...message,
      kind: 'message',
      vatId: owner,
      attempts: 0,
    });
    events.onWork(owner);
    return seq;
  };

  const recall = (kref: KRef): void => {
    for (const row of pipelined.take(kref)) {
      const { sender, target, methargs, result } = row;
      place({ sender, target, methargs, result });
    }
  };

  const takeQueue = (kref: KRef): void => {
    // Sent to a promise, or to an object on its way to another kernel.
    for (const seq of promiseQueue.list(kref)) {
      const message = promiseQueue.get(seq);
      promiseQueue.remove(kref, seq);
      if (message !== undefined) {
        place(message);
      }
    }
  };

  const notify = (vatId: EndpointId, kref: KRef): void => {
    refs.hold(kref);
    inbox.append(vatId, { kind: 'notify', vatId, target: kref, attempts: 0 });
    events.onWork(vatId);
  };

  const resolve = (
    kref: KRef,
    rejected: boolean,
    data: CapData<KRef>,
    by: Giver,
  ): void => {
    refs.holdAll(data.slots); // before the row is read: it may hold itself
    const before = refs.promise(kref);
    const settled: PromiseRow = {
      ...before,
      state: rejected ? 'rejected' : 'fulfilled',
      decider: null,
      subscribers: [],
      data,
      settledBy: by,
    };
    promises.set(kref, settled);
    recall(kref);
    takeQueue(kref);
    for (const vatId of before.subscribers) {
      notify(vatId, kref);
    }
    if (before.awaited || before.requestId !== null) {
      events.onSettled(kref, settled);
    }
  };

  return harden({
    send: (message: Message) => {
      refs.hold(message.target);
      refs.holdAll(message.methargs.slots);
      if (message.result !== null) {
        refs.hold(message.result);
      }
      place(message);
    },
    place,
    decideBy: (kref: KRef, decider: EndpointId) => {
      promises.set(kref, { ...refs.promise(kref), decider });
      if (isRemoteId(decider)) {
        takeQueue(kref);
      }
    },
    resolve,
    recall,
    sendOn: takeQueue,
    subscribe: (vatId: EndpointId, kref: KRef) => {
      const row = refs.promise(kref);
      if (row.state !== 'unresolved') {
        notify(vatId, kref);
      } else if (!row.subscribers.includes(vatId)) {
        promises.set(kref, {
          ...row,
          subscribers: [...row.subscribers, vatId],
        });
      }
    },
    discard,
    releaseMessage,
  });
};

/** The reference, if the value is nothing but one reference to an object. */
export const presenceIn = ({
  body,
  slots,
}: CapData<KRef>): KRef | undefined => {
  const [slot] = slots;
  return slot !== undefined &&
    slots.length === 1 &&
    !isPromiseRef(slot) &&
    /^#"\$0[."]/u.test(body)
    ? slot
    : undefined;
};
