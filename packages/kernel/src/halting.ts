/**
 * Vats that are given nothing more, because they do not start, or took their
 * process down too often within the budget. A halted vat keeps its durable state
 * and what it was notified of; its callers are told why; an operator restarts or
 * upgrades it. Terminating it instead would let anybody who can send it a message
 * that kills it destroy what it holds.
 */
import harden from '@endo/harden';
import { fail, type OcapError, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Deliveries } from './deliveries.ts';

export type Halting = Readonly<{
  /** Why the vat is halted, as its callers are told; undefined if it is not. */
  reasonOf(vatId: VatId): OcapError | undefined;
  /** Rejects the messages that wait for a vat that is given nothing more. */
  refuseMessages(vatId: VatId, why: OcapError): void;
  /** The vat may start again, with its whole budget. */
  lift(vatId: VatId): void;
  /** Counts a failure against the budget; returns whether the vat was halted for it. */
  failed(vatId: VatId, reason: string): boolean;
  /** The same for a start: after a few in a row the vat is halted. */
  startFailed(vatId: VatId, problem: string): void;
  started(vatId: VatId): void;
  /** Whether it has failed to start since it last did. */
  hasFailedToStart(vatId: VatId): boolean;
}>;

export const makeHalting = (
  {
    store,
    events,
    outbox,
    powers,
  }: Pick<KernelContext, 'store' | 'events' | 'outbox' | 'powers'>,
  deliveries: Pick<Deliveries, 'refuse'>,
): Halting => {
  /** When each vat failed, monotonic ms; those that are too old are dropped. */
  const failures = new Map<VatId, readonly number[]>();

  const failedStarts = new Map<VatId, number>();

  const reasonOf = (vatId: VatId): OcapError | undefined => {
    const reason = store.vats.get(vatId)?.halted ?? undefined;
    return reason === undefined
      ? undefined
      : fail('VAT_HALTED', { vat: vatId, reason });
  };

  const set = (vatId: VatId, halted: string | null): void => {
    const row = store.vats.get(vatId);
    if (row !== undefined && row.halted !== halted) {
      store.savepoint(() => {
        store.vats.set(vatId, { ...row, halted });
        if (halted !== null) {
          events.note('vat', 'halted', { vat: vatId, reason: halted });
        }
      });
      outbox.touch();
    }
  };

  const refuseMessages = (vatId: VatId, why: OcapError): void => {
    for (const seq of store.inbox.list(vatId)) {
      if (store.inbox.get(seq)?.kind === 'message') {
        deliveries.refuse(vatId, seq, why);
      }
    }
    outbox.touch();
  };

  const halt = (vatId: VatId, reason: string): void => {
    powers.logger.error(`the vat was halted: ${reason}`, { vat: vatId });
    failures.delete(vatId);
    failedStarts.delete(vatId);
    set(vatId, reason);
    refuseMessages(vatId, fail('VAT_HALTED', { vat: vatId, reason }));
  };

  return harden({
    reasonOf,
    refuseMessages,
    lift: (vatId: VatId) => {
      failures.delete(vatId);
      set(vatId, null);
    },
    failed: (vatId: VatId, reason: string) => {
      const { restartBudget, restartBudgetMs } = powers.limits;
      const now = powers.now();
      const recent = [...(failures.get(vatId) ?? []), now].filter(
        (at) => now - at < restartBudgetMs,
      );
      failures.set(vatId, recent);
      if (recent.length > restartBudget) {
        const often = `it failed more than ${restartBudget} times within ${Math.round(restartBudgetMs / 1000)} s, the last time because ${reason}`;
        halt(vatId, often);
        return true;
      }
      return false;
    },
    startFailed: (vatId: VatId, problem: string) => {
      powers.logger.error(`the vat did not start: ${problem}`, { vat: vatId });
      const count = (failedStarts.get(vatId) ?? 0) + 1;
      failedStarts.set(vatId, count);
      if (count >= powers.limits.startAttempts) {
        halt(vatId, `it does not start (${problem})`);
      }
    },
    started: (vatId: VatId) => {
      failedStarts.delete(vatId);
    },
    hasFailedToStart: (vatId: VatId) => failedStarts.has(vatId),
  });
};
