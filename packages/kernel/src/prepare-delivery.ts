/**
 * What a vat is to be given next, in its own names. Nothing is taken off here:
 * that happens when the delivery has come back and is applied.
 */
import harden from '@endo/harden';
import {
  fail,
  isPromiseRef,
  isRemoteId,
  KERNEL,
  type CapData,
  type KRef,
  type EndpointId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { goneError } from './gone.ts';
import { rejectionOf } from './kernel-errors.ts';
import { settledTogether } from './settlements.ts';
import type { GcAction, Giver, InboxRow, Message } from './store/rows.ts';
import type { InFlight } from './vat-runtimes.ts';
import type { Delivery } from './vat/protocol.ts';
import { answersExcess } from './waiting-cap.ts';

export type Prepared = Readonly<{
  delivery: Delivery;
  inFlight: (seq: number) => InFlight;
}>;

export type PrepareDelivery = Readonly<{
  /** Undefined: there is nothing to deliver any more, and the row is gone. */
  inbox(
    vatId: EndpointId,
    inboxSeq: number,
    row: InboxRow,
  ): Prepared | undefined;
  /** The collector's news of one kind; undefined if there is none. */
  gc(vatId: EndpointId, atMost?: number): Prepared | undefined;
  /** Takes an inbox item off, telling its sender why. */
  refuse(
    vatId: EndpointId,
    inboxSeq: number,
    error: ReturnType<typeof fail>,
  ): void;
}>;

type CollectorNews = Exclude<GcAction, 'forgetPromise'>;

const gcKinds: readonly CollectorNews[] = [
  'dropExport',
  'retireExport',
  'retireImport',
];

export const makePrepareDelivery = ({
  store,
  refs,
  messages,
  caps,
  powers,
}: Pick<
  KernelContext,
  'store' | 'refs' | 'messages' | 'caps' | 'powers'
>): PrepareDelivery => {
  const refuse = (
    vatId: EndpointId,
    inboxSeq: number,
    error: ReturnType<typeof fail>,
  ): void => {
    store.savepoint(() => {
      const row = store.inbox.get(inboxSeq);
      if (row === undefined) {
        return;
      }
      store.inbox.remove(vatId, inboxSeq);
      if (row.kind === 'message') {
        forgetResult(vatId, row);
        messages.discard(row, rejectionOf(error));
      } else {
        refs.release(row.target);
      }
      refs.collect();
    });
  };

  /**
   * A vat that was given the message has lost the heap that knew its result by
   * name; one that waits for the result itself will be told of it under it.
   */
  const forgetResult = (vatId: EndpointId, { result }: Message): void => {
    if (result !== null && !refs.promise(result).subscribers.includes(vatId)) {
      refs.forgetPromise(vatId, result);
    }
  };

  const recordCaps = (
    vatId: EndpointId,
    { slots }: CapData<KRef>,
    giver: Giver,
    via: () => string,
  ): void => {
    for (const slot of slots) {
      if (!isPromiseRef(slot)) {
        caps.record(vatId, slot, giver, via);
      }
    }
  };

  /** Between the send and now it may have been revoked, or lost with a heap; or its sender takes no answers. */
  const isDeliverable = (
    vatId: EndpointId,
    inboxSeq: number,
    row: InboxRow & { kind: 'message' },
  ): boolean => {
    const error = caps.isBarred(row.sender, row.target)
      ? fail('OBJECT_REVOKED', { ref: row.target })
      : (goneError(row.target, refs.object(row.target)) ??
        answersExcess({ store, powers }, row));
    if (error !== undefined) {
      refuse(vatId, inboxSeq, error);
    }
    return error === undefined;
  };

  /** Of two kernels through which it was reached only the other is left. */
  const isElsewhere = (id: EndpointId, target: KRef): boolean => {
    const { owner } = refs.object(target);
    return isRemoteId(id) && owner !== null && owner !== id;
  };

  const placeAnew = (
    vatId: EndpointId,
    inboxSeq: number,
    { sender, target, methargs, result }: Message,
  ): void => {
    store.inbox.remove(vatId, inboxSeq);
    messages.place({ sender, target, methargs, result });
  };

  const prepareMessage = (
    vatId: EndpointId,
    inboxSeq: number,
    row: InboxRow & { kind: 'message' },
  ): Prepared | undefined => {
    if (isPromiseRef(row.target)) {
      // Only another kernel is sent messages to promises, while it decides them.
      const { state, decider } = refs.promise(row.target);
      if (state !== 'unresolved' || decider !== vatId) {
        placeAnew(vatId, inboxSeq, row);
        return undefined;
      }
    } else if (isElsewhere(vatId, row.target)) {
      placeAnew(vatId, inboxSeq, row);
      return undefined;
    } else if (!isDeliverable(vatId, inboxSeq, row)) {
      return undefined;
    }
    recordCaps(vatId, row.methargs, row.sender, () => viaMessage(row));
    const target = refs.toVat(vatId, row.target);
    const methargs = refs.toVatData(vatId, row.methargs);
    const result = row.result === null ? null : refs.toVat(vatId, row.result);
    return {
      delivery: ['message', target, { methargs, result }],
      inFlight: (seq) => ({
        kind: 'inbox',
        seq,
        inboxSeq,
        row,
        received: methargs.slots.length,
        retire: [],
      }),
    };
  };

  const prepareNotify = (
    vatId: EndpointId,
    inboxSeq: number,
    row: InboxRow & { kind: 'notify' },
  ): Prepared | undefined => {
    if (store.clist.get(vatId, row.target) === undefined) {
      // It was told already, together with another promise.
      store.inbox.remove(vatId, inboxSeq);
      refs.release(row.target);
      refs.collect();
      return undefined;
    }
    const retire = settledTogether(refs, row.target);
    const resolutions = retire.map((kref) => {
      const { state, data, settledBy } = refs.promise(kref);
      const value = data ?? { body: '', slots: [] };
      recordCaps(vatId, value, settledBy ?? KERNEL, () => 'an answer');
      return [
        refs.toVat(vatId, kref),
        state === 'rejected',
        refs.toVatData(vatId, value),
      ] as const;
    });
    return {
      delivery: ['notify', resolutions],
      inFlight: (seq) => ({
        kind: 'inbox',
        seq,
        inboxSeq,
        row,
        received: resolutions.reduce(
          (sum, [, , { slots }]) => sum + slots.length,
          0,
        ),
        retire,
      }),
    };
  };

  /** Whether what was noted then is still true now. */
  const isDue = (vatId: EndpointId, action: GcAction, kref: KRef): boolean => {
    const row = store.objects.get(kref);
    const entry = store.clist.get(vatId, kref);
    if (row === undefined || entry === undefined) {
      return false;
    }
    switch (action) {
      case 'dropExport':
        return row.owner === vatId && row.reachable === 0 && entry.reachable;
      case 'retireExport':
        return (
          row.owner === vatId &&
          (row.recognizable === 0 ||
            // It is given up as a whole: the other way to it remains.
            (row.reachable === 0 && store.shortcuts.get(kref) !== undefined))
        );
      default:
        return (
          row.owner === null || (row.owner === KERNEL && row.reachable === 0)
        );
    }
  };

  const prepareGc = (
    vatId: EndpointId,
    kind: CollectorNews,
    atMost: number,
  ): Prepared | undefined => {
    const krefs: KRef[] = [];
    for (const { action, kref } of store.gcActions.list(vatId)) {
      if (krefs.length === atMost) {
        break;
      }
      if (action === kind && isDue(vatId, action, kref)) {
        krefs.push(kref);
      } else if (action === kind) {
        store.gcActions.remove(vatId, action, kref);
      }
    }
    if (krefs.length === 0) {
      return undefined;
    }
    const vrefs = krefs.flatMap(
      (kref) => store.clist.get(vatId, kref)?.vref ?? [],
    );
    return {
      delivery: [`${kind}s`, vrefs],
      inFlight: (seq) => ({ kind: 'gc', seq, action: kind, krefs }),
    };
  };

  return harden({
    inbox: (vatId: EndpointId, inboxSeq: number, row: InboxRow) =>
      store.savepoint(() =>
        row.kind === 'message'
          ? prepareMessage(vatId, inboxSeq, row)
          : prepareNotify(vatId, inboxSeq, row),
      ),
    gc: (vatId: EndpointId, atMost = Infinity) =>
      store.savepoint(() => {
        for (const kind of gcKinds) {
          const prepared = prepareGc(vatId, kind, atMost);
          if (prepared !== undefined) {
            return prepared;
          }
        }
        return undefined;
      }),
    refuse,
  });
};

/** In words, how an argument came to its receiver. */
const viaMessage = ({ methargs }: Message): string => {
  const [, method] = /^#\["([^"\\]{1,80})"/u.exec(methargs.body) ?? [];
  return method === undefined ? 'an argument' : `an argument of ${method}`;
};
