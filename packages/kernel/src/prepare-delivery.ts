/**
 * What a vat is to be given next, in its own names. Nothing is taken off here:
 * that happens when the delivery has come back and is applied.
 */
import harden from '@endo/harden';
import {
  fail,
  isPromiseRef,
  KERNEL,
  type CapData,
  type KRef,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { settledTogether } from './crank.ts';
import { goneError } from './gone.ts';
import { rejectionOf } from './kernel-errors.ts';
import type { GcAction, Giver, InboxRow, Message } from './store/rows.ts';
import type { InFlight } from './vat-runtimes.ts';
import type { Delivery } from './vat/protocol.ts';

export type Prepared = Readonly<{
  delivery: Delivery;
  inFlight: (seq: number) => InFlight;
}>;

export type PrepareDelivery = Readonly<{
  /** Undefined: there is nothing to deliver any more, and the row is gone. */
  inbox(vatId: VatId, inboxSeq: number, row: InboxRow): Prepared | undefined;
  /** The collector's news of one kind; undefined if there is none. */
  gc(vatId: VatId): Prepared | undefined;
  /** Only then does it not matter what the cranks before it do to the c-list. */
  touchesNoPromise(vatId: VatId, row: InboxRow): boolean;
  /** Takes an inbox item off, telling its sender why. */
  refuse(vatId: VatId, inboxSeq: number, error: ReturnType<typeof fail>): void;
}>;

const gcKinds: readonly GcAction[] = [
  'dropExport',
  'retireExport',
  'retireImport',
];

export const makePrepareDelivery = ({
  store,
  refs,
  messages,
  caps,
}: Pick<
  KernelContext,
  'store' | 'refs' | 'messages' | 'caps'
>): PrepareDelivery => {
  const refuse = (
    vatId: VatId,
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
  const forgetResult = (vatId: VatId, { result }: Message): void => {
    if (result !== null && !refs.promise(result).subscribers.includes(vatId)) {
      refs.forgetPromise(vatId, result);
    }
  };

  const touchesNoPromise = (vatId: VatId, row: InboxRow): boolean =>
    row.kind === 'message' &&
    !row.methargs.slots.some(isPromiseRef) &&
    (row.result === null || store.clist.get(vatId, row.result) === undefined);

  const recordCaps = (
    vatId: VatId,
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

  const prepareMessage = (
    vatId: VatId,
    inboxSeq: number,
    row: InboxRow & { kind: 'message' },
  ): Prepared | undefined => {
    // Between the send and now it may have been revoked, or lost with a heap.
    const error = caps.isBarred(row.sender, row.target)
      ? fail('OBJECT_REVOKED', { ref: row.target })
      : goneError(row.target, refs.object(row.target));
    if (error !== undefined) {
      refuse(vatId, inboxSeq, error);
      return undefined;
    }
    const pipelined = touchesNoPromise(vatId, row);
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
        pipelined,
        retire: [],
      }),
    };
  };

  const prepareNotify = (
    vatId: VatId,
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
        pipelined: false,
        retire,
      }),
    };
  };

  /** Whether what was noted then is still true now. */
  const isDue = (vatId: VatId, action: GcAction, kref: KRef): boolean => {
    const row = store.objects.get(kref);
    const entry = store.clist.get(vatId, kref);
    if (row === undefined || entry === undefined) {
      return false;
    }
    switch (action) {
      case 'dropExport':
        return row.owner === vatId && row.reachable === 0 && entry.reachable;
      case 'retireExport':
        return row.owner === vatId && row.recognizable === 0;
      default:
        return (
          row.owner === null || (row.owner === KERNEL && row.reachable === 0)
        );
    }
  };

  const prepareGc = (vatId: VatId, kind: GcAction): Prepared | undefined => {
    const krefs: KRef[] = [];
    for (const { action, kref } of store.gcActions.list(vatId)) {
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
    inbox: (vatId: VatId, inboxSeq: number, row: InboxRow) =>
      store.savepoint(() =>
        row.kind === 'message'
          ? prepareMessage(vatId, inboxSeq, row)
          : prepareNotify(vatId, inboxSeq, row),
      ),
    gc: (vatId: VatId) =>
      store.savepoint(() => {
        for (const kind of gcKinds) {
          const prepared = prepareGc(vatId, kind);
          if (prepared !== undefined) {
            return prepared;
          }
        }
        return undefined;
      }),
    touchesNoPromise,
    refuse,
  });
};

/** In words, how an argument came to its receiver. */
const viaMessage = ({ methargs }: Message): string => {
  const [, method] = /^#\["([^"\\]{1,80})"/u.exec(methargs.body) ?? [];
  return method === undefined ? 'an argument' : `an argument of ${method}`;
};
