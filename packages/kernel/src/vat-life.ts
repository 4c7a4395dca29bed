/**
 * The life of a vat: it is woken by its first message, loses its process now
 * and then, and is terminated once. (It is born in `launch.ts`.)
 */
import harden from '@endo/harden';
import { fail, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Deliveries, DeliveryEnd } from './deliveries.ts';
import { makeHalting } from './halting.ts';
import { makeHeapLoss } from './heap-loss.ts';
import { makeHosts, type Hosts } from './hosts.ts';
import { problemOf } from './kernel-errors.ts';
import { startFrame } from './start-frame.ts';
import type { VatRow } from './store/rows.ts';
import { groupOf } from './placement-group.ts';
import {
  enqueue,
  logFieldsOf,
  type HostRuntime,
  type InFlight,
  type VatRuntime,
} from './vat-runtimes.ts';
import type { Birth, NewVat } from './vat-birth.ts';
import { makeTermination } from './termination.ts';
import type { DoneFrame } from './vat/protocol.ts';

export type VatLife = Readonly<{
  hosts: Hosts;
  /** Gives a vat what it has to do. */
  attend(vatId: VatId): void;
  /** Resolves once the vat is awake. */
  awaken(vatId: VatId): Promise<VatRuntime>;
  /** Sends the start of a vat; nothing is stored. */
  beginBirth(
    vat: VatRuntime,
    host: HostRuntime,
    start: NewVat,
    birth: Birth,
  ): void;
  /** Takes a vat that was only being born off its host. */
  endBirth(vat: VatRuntime, reason: string): void;
  /** Ends the process of a vat; what is in its inbox stays. */
  restart(vatId: VatId, reason: string): void;
  terminate(vatId: VatId, reason: string): void;
  /** Resolves when nothing is left of a vat that was terminated. */
  ended(vatId: VatId): Promise<void>;
  /** From now on, vats that lose their process are nobody's business. */
  retire(): void;
  /** Rejects what vats had promised when an earlier daemon ended. */
  recover(): void;
}>;

export const makeVatLife = (
  context: KernelContext,
  deliveries: Deliveries,
  /** One more vat is in memory. */
  onAttached: () => void,
): VatLife => {
  const { store, vats, powers, outbox, events } = context;
  const heapLoss = makeHeapLoss(context);
  const halting = makeHalting(context, deliveries);
  const births = new Map<VatRuntime, Birth>();
  let retired = false;

  const sendStart = (
    vat: VatRuntime,
    host: HostRuntime,
    row: VatRow,
    bundle: string,
  ): void => {
    hosts.attach(vat, host);
    vat.logFields = logFieldsOf(row);
    vat.deliveryMs = row.config.limits?.deliveryMs;
    const seq = enqueue(
      host,
      vat,
      (number) => ({ kind: 'start', seq: number }),
      powers.now(),
    );
    host.process.send(
      startFrame(store.vatstore, powers.limits, { row, bundle, seq }),
    );
  };

  const start = (vat: VatRuntime): void => {
    if (!heapLoss.prepareStart(vat)) {
      // Others come in between.
      powers.nextTurn(() => context.wake(vat.id));
      return;
    }
    const row = store.vats.get(vat.id);
    const bundle = row && store.bundles.get(row.bundleHash);
    if (row === undefined || bundle === undefined) {
      throw fail('INVARIANT', { what: `the bundle of ${vat.id} is missing` });
    }
    sendStart(vat, hosts.forGroup(groupOf(row)), row, bundle);
  };

  const attend = (vatId: VatId): void => {
    if (retired || !vats.ids.has(vatId)) {
      return;
    }
    const vat = vats.get(vatId);
    if (vat.state === 'asleep') {
      if (vat.held) {
        return;
      }
      const why = termination.errorOf(vatId) ?? halting.reasonOf(vatId);
      if (why !== undefined) {
        halting.refuseMessages(vatId, why);
        tellStarted(vat, why.message);
        return;
      }
      if (store.inbox.size(vatId) > 0 || vat.onStarted.length > 0) {
        start(vat);
      }
    } else {
      deliveries.pump(vat);
    }
  };

  const tellStarted = (vat: VatRuntime, problem: string | undefined): void => {
    for (const told of vat.onStarted.splice(0)) {
      told(problem);
    }
  };

  const onStartFailed = (vat: VatRuntime, problem: string): void => {
    halting.startFailed(vat.id, problem);
    tellStarted(vat, problem);
    context.wake(vat.id);
  };

  /** Something went wrong that the vat is to blame for. */
  const onFailure = (vat: VatRuntime, reason: string): void => {
    if (!retired && vats.ids.has(vat.id) && halting.failed(vat.id, reason)) {
      hosts.detach(vat, reason);
    }
  };

  const onStartDone = (
    vat: VatRuntime,
    delivery: InFlight,
    done: DoneFrame,
  ): void => {
    const end = deliveries.onDone(vat, delivery, done);
    if (end.kind !== 'applied') {
      hosts.detach(vat, end.reason);
      return;
    }
    halting.started(vat.id);
    vat.state = 'awake';
    vat.methods = done.methods ?? [];
    tellStarted(vat, undefined);
    act(vat, end);
  };

  /** What a delivery came to, for the vat. */
  const act = (vat: VatRuntime, end: DeliveryEnd): void => {
    switch (end.kind) {
      case 'applied':
        if (end.exit !== undefined) {
          terminate(vat.id, `it ended itself (${problemOf(end.exit.info)})`);
        }
        break;
      case 'terminate':
        terminate(vat.id, end.reason);
        break;
      case 'failed':
        hosts.detach(vat, end.reason);
        onFailure(vat, end.reason);
        break;
      default:
        end satisfies never;
    }
  };

  const hosts = makeHosts(context, deliveries, {
    onAttached,
    onDone: (vat, delivery, done) => {
      const birth = births.get(vat);
      if (birth !== undefined) {
        births.delete(vat);
        birth.onDone(done);
        return;
      }
      if (delivery.kind === 'start') {
        onStartDone(vat, delivery, done);
      } else {
        const end = deliveries.onDone(vat, delivery, done);
        if (
          end.kind === 'failed' &&
          delivery.kind === 'inbox' &&
          delivery.row.kind === 'message'
        ) {
          const { reason } = end;
          deliveries.refuse(
            vat.id,
            delivery.inboxSeq,
            fail('DELIVERY_FAILED', { vat: vat.id, reason }),
          );
        }
        act(vat, end);
      }
      context.wake(vat.id);
    },
    onBlamed: (vat, reason) => {
      // A start that fails is counted by itself; a birth is its launch's affair.
      if (!births.has(vat) && !halting.hasFailedToStart(vat.id)) {
        onFailure(vat, reason);
      }
    },
    onLost: (vat, reason) => {
      const birth = births.get(vat);
      if (birth !== undefined) {
        births.delete(vat);
        birth.onLost(reason);
        return;
      }
      // Of a vat that is no more, or a rehearsal that is over.
      if (
        retired ||
        vats.peek(vat.id) !== vat ||
        !vats.ids.has(vat.id) ||
        termination.errorOf(vat.id) !== undefined
      ) {
        return;
      }
      powers.logger.info(`the vat lost its process: ${reason}`, vat.logFields);
      const wasStarting = vat.methods === undefined;
      vat.methods = undefined;
      events.note('vat', 'lost its process', { vat: vat.id, reason });
      heapLoss.reject(vat.id, reason);
      outbox.touch();
      if (wasStarting) {
        onStartFailed(vat, reason);
      }
      context.wake(vat.id);
    },
  });

  const termination = makeTermination(context, {
    detach: hosts.detach,
    tellStarted,
  });
  const { terminate } = termination;

  return harden({
    hosts,
    attend,
    awaken: async (vatId: VatId) =>
      new Promise<VatRuntime>((resolve, reject) => {
        const vat = vats.get(vatId);
        if (vat.state === 'awake') {
          resolve(vat);
          return;
        }
        vat.onStarted.push((problem) => {
          if (problem === undefined) {
            resolve(vat);
          } else {
            reject(fail('DELIVERY_FAILED', { vat: vatId, reason: problem }));
          }
        });
        context.wake(vatId);
      }),
    beginBirth: (
      vat: VatRuntime,
      host: HostRuntime,
      { row, bundle }: NewVat,
      birth: Birth,
    ) => {
      births.set(vat, birth);
      sendStart(vat, host, row, bundle);
    },
    endBirth: (vat: VatRuntime, reason: string) => {
      births.delete(vat);
      hosts.detach(vat, reason);
    },
    restart: (vatId: VatId, reason: string) => {
      halting.lift(vatId);
      hosts.detach(vats.get(vatId), reason);
    },
    terminate,
    ended: termination.ended,
    retire: () => {
      retired = true;
      termination.stop();
      heapLoss.stop();
    },
    recover: () => {
      heapLoss.rejectAll('the daemon was restarted');
      termination.recover();
    },
  });
};
