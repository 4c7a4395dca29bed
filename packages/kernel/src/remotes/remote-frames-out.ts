/**
 * From the inbox of another kernel to frames for it. A frame is made in the same
 * commit as what it tells, and kept until it is acknowledged; after that the
 * messages in it are the other kernel's.
 */
import harden from '@endo/harden';
import {
  isExport,
  isPromiseRef,
  type CapData,
  type KRef,
  type RemoteId,
  type VRef,
} from '@ocap/kernel-utils';
import { makeApplyGc } from '../apply-gc.ts';
import type { KernelContext } from '../context.ts';
import { rejectionOf } from '../kernel-errors.ts';
import { makePrepareDelivery, type Prepared } from '../prepare-delivery.ts';
import type { InboxRow, RemoteRow } from '../store/rows.ts';
import type { InFlight } from '../vat-runtimes.ts';
import type { Delivery } from '../vat/protocol.ts';
import { OUR_GATE } from './gates.ts';
import { excessOf, makeFrameRoom, NAMES_AT_ONCE } from './frame-room.ts';
import { flipped, type DataFrame, type RemoteOp } from './frames.ts';

export type FramesOut = Readonly<{
  /** Makes one frame of what waits; undefined if nothing does. */
  make(id: RemoteId): Readonly<{ seq: number; chars: number }> | undefined;
}>;

export const makeFramesOut = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'caps' | 'powers'
  >,
  /** The object was named to the other kernel, which has it from here. */
  onPassed: (id: RemoteId, kref: KRef) => void,
): FramesOut => {
  const { store, refs, messages, powers } = context;
  const prepare = makePrepareDelivery(context);
  const applyGc = makeApplyGc(context);

  const insistRow = (id: RemoteId): RemoteRow =>
    store.remotes.get(id) as RemoteRow;

  /** Names of promises that it has settled, and that nobody here will use again. */
  const forgetPromises = (id: RemoteId): RemoteOp | undefined => {
    const names: VRef[] = [];
    for (const { action, kref } of store.gcActions.list(id)) {
      if (names.length === NAMES_AT_ONCE) {
        break;
      }
      if (action === 'forgetPromise') {
        store.gcActions.remove(id, action, kref);
        const entry = store.clist.get(id, kref);
        if (entry !== undefined) {
          names.push(flipped(entry.vref));
          refs.forgetPromise(id, kref);
        }
      }
    }
    return names.length === 0 ? undefined : ['forget', names];
  };

  const next = (id: RemoteId): Prepared | undefined => {
    if (store.gcActions.size(id) > 0) {
      const gc = prepare.gc(id, NAMES_AT_ONCE);
      if (gc !== undefined) {
        return gc;
      }
    }
    for (;;) {
      const seq = store.inbox.following(id, 0);
      const row = seq === undefined ? undefined : store.inbox.get(seq);
      if (seq === undefined || row === undefined) {
        return undefined;
      }
      const prepared = prepareRow(id, seq, row);
      if (prepared !== undefined) {
        return prepared;
      }
    }
  };

  const prepareRow = (
    id: RemoteId,
    seq: number,
    row: InboxRow,
  ): Prepared | undefined => {
    const max = powers.limits.remoteMessageBytes;
    const error = isOutdated(id, row) ? undefined : excessOf(refs, row, max);
    if (error === undefined) {
      return prepare.inbox(id, seq, row);
    }
    if (row.kind === 'message') {
      prepare.refuse(id, seq, error);
      return undefined;
    }
    const { target } = row;
    const rejection = { ...rejectionOf(error), slots: [] };
    return {
      delivery: ['notify', [[refs.toVat(id, target), true, rejection]]],
      inFlight: (at) => ({
        kind: 'inbox',
        seq: at,
        inboxSeq: seq,
        row,
        received: 0,
        retire: [target],
      }),
    };
  };

  /** It was told already, together with another promise. */
  const isOutdated = (id: RemoteId, row: InboxRow): boolean =>
    row.kind === 'notify' && store.clist.get(id, row.target) === undefined;

  /** From now on it is the other kernel's to answer, or to have. */
  const handOver = (id: RemoteId, inFlight: InFlight): void => {
    if (inFlight.kind === 'inbox') {
      const { inboxSeq, row, retire } = inFlight;
      store.inbox.remove(id, inboxSeq);
      if (row.kind === 'message') {
        noteTarget(id, row.target, inFlight.seq);
        if (row.result !== null) {
          messages.decideBy(row.result, id);
        }
      }
      retire.forEach((kref) => makeStale(id, kref));
      release(row);
    } else if (inFlight.kind === 'gc') {
      applyGc(id, inFlight);
    }
  };

  /** So that it is known whether anything was sent to a result before it was settled. */
  const noteTarget = (id: RemoteId, target: KRef, seq: number): void => {
    if (isPromiseRef(target)) {
      noteSent(id, target, seq);
    }
  };

  const noteSent = (id: RemoteId, kref: KRef, seq: number): void => {
    const entry = store.clist.get(id, kref);
    if (entry !== undefined) {
      store.clist.set(id, kref, { ...entry, sent: seq });
    }
  };

  const release = (row: InboxRow): void => {
    if (row.kind === 'message') {
      messages.releaseMessage(row);
    } else {
      refs.release(row.target);
    }
  };

  /** What it still says of the promise by this name will be understood. */
  const makeStale = (id: RemoteId, kref: KRef): void => {
    const entry = store.clist.get(id, kref);
    if (entry !== undefined) {
      refs.hold(kref);
      store.staleNames.add(id, entry.vref, kref);
      refs.forgetPromise(id, kref);
    }
  };

  /** Of what it was told, so that a drop that crosses this frame is known as such. */
  const noteMentions = (
    id: RemoteId,
    seq: number,
    names: Iterable<VRef>,
  ): void => {
    for (const ref of names) {
      const isImport = !isExport(ref) && !isPromiseRef(ref);
      const kref = isImport ? store.clist.krefOf(id, ref) : undefined;
      if (kref !== undefined) {
        noteSent(id, kref, seq);
        noteGiven(id, ref, kref);
        onPassed(id, kref);
      }
    }
  };

  /** Whoever has got an object of somebody here is no stranger any more. */
  const noteGiven = (id: RemoteId, ref: VRef, kref: KRef): void => {
    const row = insistRow(id);
    const isSomebodys = ref !== OUR_GATE && refs.object(kref).owner !== null;
    if (row.standing === 'stranger' && isSomebodys) {
      store.remotes.set(id, { ...row, standing: 'given' });
    }
  };

  /** It is told of every promise that it has heard of, unless it settles it itself. */
  const subscribe = (id: RemoteId, names: Iterable<VRef>): void => {
    for (const ref of names) {
      const kref = isPromiseRef(ref) ? store.clist.krefOf(id, ref) : undefined;
      if (kref !== undefined && refs.promise(kref).decider !== id) {
        messages.subscribe(id, kref);
      }
    }
  };

  const make: FramesOut['make'] = (id) => {
    const seq = insistRow(id).sent + 1;
    const ops: RemoteOp[] = [];
    const room = makeFrameRoom();
    const add = (op: RemoteOp): void => {
      ops.push(op);
      room.note(op);
    };
    const forget = forgetPromises(id);
    if (forget !== undefined) {
      add(forget);
    }
    while (room.hasRoom()) {
      const prepared = next(id);
      if (prepared === undefined) {
        break;
      }
      const { delivery } = prepared;
      const passed = slotsOf(delivery);
      subscribe(id, passed);
      noteMentions(id, seq, passed);
      add(opOf(delivery));
      handOver(id, prepared.inFlight(seq));
    }
    if (ops.length > 0) {
      const row = insistRow(id);
      const frame: DataFrame = { type: 'data', seq, seen: row.received, ops };
      store.remotes.set(id, { ...row, sent: seq });
      const text = JSON.stringify(frame);
      store.remoteOutbox.add(`${id} ${seq}`, text);
      refs.collect();
      return { seq, chars: text.length };
    }
    refs.collect();
    return undefined;
  };

  return harden({ make: (id: RemoteId) => store.savepoint(() => make(id)) });
};

const flip = ({ body, slots }: CapData<VRef>): CapData<VRef> => ({
  body,
  slots: slots.map(flipped),
});

/** What is passed on in it. */
const slotsOf = (delivery: Delivery): readonly VRef[] => {
  switch (delivery[0]) {
    case 'message':
      return delivery[2].methargs.slots;
    case 'notify':
      return delivery[1].flatMap(([, , { slots }]) => slots);
    default:
      return [];
  }
};

/** What a delivery is to the one who gets it, in its own view. */
const opOf = (delivery: Delivery): RemoteOp => {
  switch (delivery[0]) {
    case 'message': {
      const [, target, { methargs, result }] = delivery;
      return [
        'send',
        flipped(target),
        flip(methargs),
        result === null ? null : flipped(result),
      ];
    }
    case 'notify':
      return [
        'resolve',
        delivery[1].map(([ref, rejected, data]) => [
          flipped(ref),
          rejected,
          flip(data),
        ]),
      ];
    case 'dropExports':
      return ['dropImports', delivery[1].map(flipped)];
    case 'retireExports':
      return ['retireImports', delivery[1].map(flipped)];
    case 'retireImports':
      return ['retireExports', delivery[1].map(flipped)];
    default:
      throw Error(`a kernel is not told ${delivery[0]}`);
  }
};
