/**
 * From the inbox to a host and back. `pump` sends a vat what is next for it;
 * `onDone` applies what came back. Plain messages are sent ahead of each other's
 * answers, so that host and kernel work at the same time; whatever touches
 * promises or the collector waits until the vat is quiet, because it depends on
 * what the crank before it did to the c-list.
 */
import harden from '@endo/harden';
import type { fail, VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { ExitWithFailure, type VatExit } from './crank.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import { makePrepareDelivery, type Prepared } from './prepare-delivery.ts';
import { beginFetches } from './vat-fetches.ts';
import { BeyondLimit, beginStoreCheck } from './store-cap.ts';
import { enqueue, type InFlight, type VatRuntime } from './vat-runtimes.ts';
import type { DoneFrame } from './vat/protocol.ts';

/** Deliveries under way to one vat at a time. */
const WINDOW = 16;
/** Collector actions that are worth interrupting messages for. */
const GC_BATCH = 200;
/** Deliveries after which a vat is asked for its dead objects. */
const COLLECT_AFTER = 1000;

export type DeliveryEnd =
  | Readonly<{ kind: 'applied'; exit: VatExit | undefined }>
  /** The vat broke a rule, or ended itself with a failure: it must go. */
  | Readonly<{ kind: 'terminate'; reason: string }>
  /** Nothing of it counts, and the vat's heap is no longer what the store says. */
  | Readonly<{ kind: 'failed'; reason: string }>;

export type Deliveries = Readonly<{
  /** Sends an awake vat what is next, as far as its window allows. */
  pump(vat: VatRuntime): void;
  /** Applies the outcome of the oldest delivery under way. */
  onDone(vat: VatRuntime, delivery: InFlight, done: DoneFrame): DeliveryEnd;
  /** Takes an inbox item off, telling its sender why. */
  refuse(vatId: VatId, inboxSeq: number, error: ReturnType<typeof fail>): void;
  /** Asks the vat for its dead objects, after what is under way. */
  collect(vat: VatRuntime): void;
}>;

export const makeDeliveries = (context: KernelContext): Deliveries => {
  const { store, refs, messages, applySyscalls, powers } = context;
  const prepare = makePrepareDelivery(context);

  const prepareNext = (vat: VatRuntime): Prepared | undefined => {
    const { id } = vat;
    const quiet = vat.inFlight.length === 0;
    const gcWaiting = store.gcActions.size(id);
    const idle = store.inbox.size(id) === 0;
    if (quiet && gcWaiting > 0 && (idle || gcWaiting > GC_BATCH)) {
      const gc = prepare.gc(id);
      if (gc !== undefined) {
        return gc;
      }
    }
    if (quiet && vat.sinceCollection >= COLLECT_AFTER) {
      return boyd;
    }
    if (quiet && vat.turnWanted) {
      vat.turnWanted = false;
      return turn;
    }
    const last = vat.inFlight.at(-1);
    if (last !== undefined && !(last.kind === 'inbox' && last.pipelined)) {
      return undefined;
    }
    for (;;) {
      const seq = store.inbox.following(id, vat.lastSent);
      const row = seq === undefined ? undefined : store.inbox.get(seq);
      if (seq === undefined || row === undefined) {
        return undefined;
      }
      if (!quiet && !prepare.touchesNoPromise(id, row)) {
        return undefined;
      }
      const prepared = prepare.inbox(id, seq, row);
      if (prepared !== undefined) {
        vat.lastSent = seq;
        return prepared;
      }
    }
  };

  const send = (vat: VatRuntime, { delivery, inFlight }: Prepared): void => {
    const { host } = vat;
    if (host === undefined) {
      return;
    }
    const seq = enqueue(host, vat, inFlight, powers.now());
    const { id, confirmed } = vat;
    host.process.send({ type: 'deliver', vat: id, seq, confirmed, delivery });
  };

  const applyInbox = (
    vatId: VatId,
    { inboxSeq, row, retire }: InFlight & { kind: 'inbox' },
    done: DoneFrame,
  ): VatExit | undefined => {
    store.inbox.remove(vatId, inboxSeq);
    if (row.kind === 'message' && row.result !== null) {
      store.promises.set(row.result, {
        ...refs.promise(row.result),
        decider: vatId,
      });
    }
    retire.forEach((kref) => refs.forgetPromise(vatId, kref));
    const exit = applySyscalls(vatId, done);
    if (row.kind === 'message') {
      messages.releaseMessage(row);
    } else {
      refs.release(row.target);
    }
    return exit;
  };

  const applyGc = (
    vatId: VatId,
    { action, krefs }: InFlight & { kind: 'gc' },
  ): void => {
    for (const kref of krefs) {
      store.gcActions.remove(vatId, action, kref);
      const entry = store.clist.get(vatId, kref);
      if (entry === undefined) {
        continue;
      }
      if (action === 'dropExport') {
        store.clist.set(vatId, kref, { ...entry, reachable: false });
      } else if (action === 'retireExport') {
        refs.abandonExport(vatId, kref, 'nobody could reach it any more');
      } else {
        refs.retireImport(vatId, entry.vref);
      }
    }
  };

  const applyDelivery = (
    vat: VatRuntime,
    delivery: InFlight,
    done: DoneFrame,
  ): VatExit | undefined => {
    switch (delivery.kind) {
      case 'inbox':
        return applyInbox(vat.id, delivery, done);
      case 'gc':
        applyGc(vat.id, delivery);
        return applySyscalls(vat.id, done);
      case 'boyd':
        vat.sinceCollection = 0;
        return applySyscalls(vat.id, done);
      default:
        return applySyscalls(vat.id, done);
    }
  };

  return harden({
    pump: (vat: VatRuntime) => {
      const isOpen = (): boolean =>
        vat.state === 'awake' && !vat.held && vat.inFlight.length < WINDOW;
      while (isOpen()) {
        const prepared = prepareNext(vat);
        if (prepared === undefined) {
          return;
        }
        send(vat, prepared);
      }
    },
    onDone: (
      vat: VatRuntime,
      delivery: InFlight,
      done: DoneFrame,
    ): DeliveryEnd => {
      if (done.problem !== undefined) {
        return { kind: 'failed', reason: done.problem };
      }
      const checkStore = beginStoreCheck(context, vat.id, done.writes);
      try {
        const exit = store.savepoint(() => {
          const ended = applyDelivery(vat, delivery, done);
          checkStore();
          refs.collect();
          beginFetches(context, vat, done);
          return ended;
        });
        vat.deliveries += 1;
        vat.sinceCollection += delivery.kind === 'inbox' ? 1 : 0;
        context.outbox.touch();
        return { kind: 'applied', exit };
      } catch (error) {
        if (error instanceof IllegalSyscall) {
          return {
            kind: 'terminate',
            reason: `it broke the rules: ${error.message}`,
          };
        }
        if (error instanceof BeyondLimit) {
          return { kind: 'failed', reason: error.message };
        }
        if (error instanceof ExitWithFailure) {
          return { kind: 'terminate', reason: error.message };
        }
        throw error;
      }
    },
    refuse: prepare.refuse,
    collect: (vat: VatRuntime) => {
      vat.sinceCollection = COLLECT_AFTER;
    },
  });
};

const turn: Prepared = {
  delivery: ['turn'],
  inFlight: (seq) => ({ kind: 'turn', seq }),
};
const boyd: Prepared = {
  delivery: ['bringOutYourDead'],
  inFlight: (seq) => ({ kind: 'boyd', seq }),
};
