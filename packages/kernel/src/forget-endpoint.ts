/**
 * Takes whoever has a c-list out of the books: callers are told why, what it
 * held is released, and what it exported can never be called again.
 */
import {
  isExport,
  isPromiseRef,
  KERNEL,
  ROOT_VREF,
  type EndpointId,
  type KRef,
  type OcapError,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { rejectionOf } from './kernel-errors.ts';
import type { ClistEntry } from './store/rows.ts';

/** The promises among these that the endpoint decides. */
export const decidedAmong = (
  refs: Pick<KernelContext['refs'], 'promise'>,
  id: EndpointId,
  entries: readonly ClistEntry[],
): readonly KRef[] =>
  entries
    .map(({ kref }) => kref)
    .filter((kref) => isPromiseRef(kref) && refs.promise(kref).decider === id);

/** Within a savepoint. */
export type ForgetEndpoint = (
  id: EndpointId,
  /** Of its c-list, where each promise is that it decides. */
  entries: readonly ClistEntry[],
  /** What its callers are told. */
  error: OcapError,
  /** Items of its inbox at most; all by default. */
  items?: number,
) => void;

export const makeForgetEndpoint = ({
  store,
  refs,
  messages,
}: Pick<KernelContext, 'store' | 'refs' | 'messages'>): ForgetEndpoint => {
  const unsubscribe = (id: EndpointId, kref: KRef): void => {
    const promise = refs.promise(kref);
    if (promise.subscribers.includes(id)) {
      const subscribers = promise.subscribers.filter((one) => one !== id);
      store.promises.set(kref, { ...promise, subscribers });
    }
  };

  return (id, entries, error, items) => {
    const decided = decidedAmong(refs, id, entries);
    const data = rejectionOf(error);
    const reason = error.message.replace(/\.$/u, '');
    // First, or it would be told of what is settled here.
    for (const { kref } of entries) {
      if (isPromiseRef(kref)) {
        unsubscribe(id, kref);
      }
    }
    decided.forEach((kref) => messages.resolve(kref, true, data, KERNEL));
    for (const seq of store.inbox.list(id).slice(0, items)) {
      const item = store.inbox.get(seq);
      store.inbox.remove(id, seq);
      if (item?.kind === 'message') {
        messages.discard(item, data);
      } else if (item !== undefined) {
        refs.release(item.target);
      }
    }
    for (const { kref } of entries) {
      const entry = store.clist.get(id, kref);
      if (entry === undefined) {
        continue;
      }
      if (isPromiseRef(kref)) {
        refs.forgetPromise(id, kref);
      } else if (isExport(entry.vref)) {
        refs.abandonExport(id, kref, reason);
        if (entry.vref === ROOT_VREF) {
          refs.release(kref); // held for as long as its endpoint is there
        }
      } else {
        refs.retireImport(id, entry.vref);
      }
    }
    for (const { action, kref } of store.gcActions.list(id)) {
      store.gcActions.remove(id, action, kref);
    }
  };
};
