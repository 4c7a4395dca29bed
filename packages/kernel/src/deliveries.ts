/**
 * From the inbox to a host and back. `pump` sends a vat what is next for it;
 * `onDone` applies what came back. Messages and notifications are sent ahead of
 * each other's answers, so that host and kernel work at the same time; what
 * depends on what a crank before it does to the c-list waits until the vat is
 * quiet, and so does the collector.
 */
import harden from '@endo/harden';
import type { fail, VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { makeApplyGc } from './apply-gc.ts';
import { charsOf, ExitWithFailure, rowsOf, type VatExit } from './crank.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import { makeMayFollow } from './may-follow.ts';
import { makePrepareDelivery, type Prepared } from './prepare-delivery.ts';
import { beginFetches } from './vat-fetches.ts';
import { BeyondLimit, beginStoreCheck } from './store-cap.ts';
import { enqueue, type InFlight, type VatRuntime } from './vat-runtimes.ts';
import type { DoneFrame } from './vat/protocol.ts';
import { beginWaitingCheck } from './waiting-cap.ts';

/** Deliveries under way to one vat at a time. */
const WINDOW = 16;
/** Characters of arguments under way to one vat beyond which the next message waits. */
const WINDOW_CHARS = 1024 * 1024;
/** Collector actions that are worth interrupting messages for. */
const GC_BATCH = 200;
/** Deliveries after which a vat is asked for its dead objects; large ones count for several. */
const COLLECT_AFTER = 1000;
/** References that came with a delivery and rows that it wrote: so many are nothing special, */
const FEW = 10;
/** and of those beyond, so many count as one more delivery. Each may be garbage soon. */
const MANY = 5;
/** What a vat is told of its dead objects in one delivery; each takes it a fraction of a millisecond. */
const GC_AT_ONCE = 500;

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
  const { store, refs, messages, applySyscalls, counts, powers } = context;
  const prepare = makePrepareDelivery(context);
  const applyGc = makeApplyGc(context);
  const mayFollow = makeMayFollow(context);

  /** Without it a vat that always has messages would never come to these. */
  const wantsQuiet = (vat: VatRuntime): boolean =>
    vat.turnWanted ||
    vat.sinceCollection >= COLLECT_AFTER ||
    store.gcActions.size(vat.id) > GC_BATCH;

  /** What a quiet vat does before it takes the next from its inbox. */
  const prepareQuiet = (vat: VatRuntime): Prepared | undefined => {
    const { id } = vat;
    const gcWaiting = store.gcActions.size(id);
    const idle = store.inbox.size(id) === 0;
    if (gcWaiting > 0 && (idle || gcWaiting > GC_BATCH)) {
      const gc = prepare.gc(id, GC_AT_ONCE);
      if (gc !== undefined) {
        return gc;
      }
    }
    if (vat.sinceCollection >= COLLECT_AFTER) {
      return boyd;
    }
    if (vat.turnWanted) {
      vat.turnWanted = false;
      return turn;
    }
    return undefined;
  };

  const prepareNext = (vat: VatRuntime): Prepared | undefined => {
    const { id, inFlight } = vat;
    if (inFlight.length === 0) {
      const own = prepareQuiet(vat);
      if (own !== undefined) {
        return own;
      }
    } else if (wantsQuiet(vat) || inFlight.at(-1)?.kind !== 'inbox') {
      return undefined;
    }
    for (;;) {
      const seq = store.inbox.following(id, vat.lastSent);
      const row = seq === undefined ? undefined : store.inbox.get(seq);
      if (seq === undefined || row === undefined) {
        return undefined;
      }
      if (inFlight.length > 0 && !mayFollow(id, row, inFlight)) {
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
    const consoleChars = vat.consoleRoom();
    host.process.send({
      type: 'deliver',
      vat: id,
      seq,
      confirmed,
      delivery,
      ...(consoleChars === undefined ? {} : { consoleChars }),
    });
  };

  const applyInbox = (
    vatId: VatId,
    { inboxSeq, row, retire }: InFlight & { kind: 'inbox' },
    done: DoneFrame,
  ): VatExit | undefined => {
    store.inbox.remove(vatId, inboxSeq);
    if (row.kind === 'message' && row.result !== null) {
      messages.decideBy(row.result, vatId);
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
        vat.state === 'awake' &&
        !vat.held &&
        !context.lateWork.isPending(vat.id) &&
        !context.outbox.storage.isFull() &&
        vat.inFlight.length < WINDOW &&
        charsInFlight(vat) < WINDOW_CHARS;
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
        counts.undone += 1;
        return { kind: 'failed', reason: done.problem };
      }
      const checkStore = beginStoreCheck(context, vat.id, done);
      const checkWaiting = beginWaitingCheck(context, vat.id);
      try {
        const exit = store.savepoint(() => {
          const ended = applyDelivery(vat, delivery, done);
          checkStore();
          checkWaiting();
          refs.collect();
          beginFetches(context, vat, done);
          return ended;
        });
        vat.deliveries += 1;
        counts.deliveries += 1;
        vat.sinceCollection +=
          delivery.kind === 'inbox' ? workOf(delivery.received, done) : 0;
        context.outbox.touch(unwrittenBy(done));
        return { kind: 'applied', exit };
      } catch (error) {
        counts.undone += 1;
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

/** In deliveries: see MANY. */
const workOf = (received: number, { writes }: DoneFrame): number =>
  1 + Math.max(0, received + writes.length - FEW) / MANY;

const charsInFlight = ({ inFlight }: VatRuntime): number =>
  inFlight.reduce(
    (sum, delivery) =>
      delivery.kind === 'inbox' && delivery.row.kind === 'message'
        ? sum + delivery.row.methargs.body.length
        : sum,
    0,
  );

/** Rows in memory are more than their text: so much for each syscall and each reference in it. */
const ROW_CHARS = 1000;

/** What a crank adds to what is not on disk yet, roughly. */
const unwrittenBy = (done: DoneFrame): number =>
  charsOf(done) + ROW_CHARS * rowsOf(done);

const turn: Prepared = {
  delivery: ['turn'],
  inFlight: (seq) => ({ kind: 'turn', seq }),
};
const boyd: Prepared = {
  delivery: ['bringOutYourDead'],
  inFlight: (seq) => ({ kind: 'boyd', seq }),
};
