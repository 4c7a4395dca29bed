/**
 * Ends hosts that work too long on one delivery, and counts the deaths of hosts
 * against what they were working on. A message over which hosts keep dying, or
 * that runs too long, is taken off the inbox and its sender told. A notification
 * has no sender, and a vat that never heard how its promise was settled would be
 * stuck for ever: it stays, and its vat pays from its budget.
 */
import harden from '@endo/harden';
import { fail, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Deliveries } from './deliveries.ts';
import type { HostRuntime, VatRuntime } from './vat-runtimes.ts';

export type DeliveryWatch = Readonly<{
  /** Looks at the deadlines for as long as there are hosts. */
  watch(): void;
  /** The vat's host has died over what it was doing for it. */
  countDeath(vat: VatRuntime, reason: string): void;
}>;

/**
 * How often the deadlines are looked at, in ms. What passes beyond that between
 * two looks does not count: this process stood still, or was busy, and a host
 * that asked it for something or had answered was not heard.
 */
const WATCH_EVERY_MS = 500;

export const makeDeliveryWatch = (
  { store, vats, powers }: Pick<KernelContext, 'store' | 'vats' | 'powers'>,
  deliveries: Pick<Deliveries, 'refuse'>,
  condemn: (host: HostRuntime, reason: string) => void,
): DeliveryWatch => {
  let watching = false;

  const countDeath = (vat: VatRuntime, reason: string): void => {
    const delivery = vat.inFlight[0];
    const row =
      delivery?.kind === 'inbox'
        ? store.inbox.get(delivery.inboxSeq)
        : undefined;
    if (delivery?.kind !== 'inbox' || row === undefined) {
      return;
    }
    const attempts = row.attempts + 1;
    if (row.kind === 'message' && attempts >= powers.limits.deliveryAttempts) {
      const died = `its process died ${attempts} times over it (${reason})`;
      const error = fail('DELIVERY_FAILED', { vat: vat.id, reason: died });
      deliveries.refuse(vat.id, delivery.inboxSeq, error);
    } else {
      store.inbox.update(delivery.inboxSeq, { ...row, attempts });
    }
  };

  const allowedMs = (host: HostRuntime, vatId: VatId): number =>
    host.vats.get(vatId)?.deliveryMs ?? powers.limits.deliveryMs;

  const isOverdue = (host: HostRuntime): boolean => {
    const head = host.queue[0];
    return (
      head !== undefined &&
      !host.condemned &&
      powers.now() - host.headSince >= allowedMs(host, head.vatId)
    );
  };

  const checkDeadline = (host: HostRuntime): void => {
    const head = host.queue[0];
    if (head === undefined || !isOverdue(host)) {
      return;
    }
    const allowed = allowedMs(host, head.vatId);
    const error = fail('LIMIT_DEADLINE', {
      vat: head.vatId,
      seconds: allowed / 1000,
    });
    const delivery = host.vats.get(head.vatId)?.inFlight[0];
    if (delivery?.kind === 'inbox' && delivery.row.kind === 'message') {
      deliveries.refuse(head.vatId, delivery.inboxSeq, error);
    }
    powers.logger.warn(error.message, { vat: head.vatId });
    condemn(host, error.message);
  };

  const watch = (): void => {
    if (watching) {
      return;
    }
    watching = true;
    const lookedAt = powers.now();
    powers.after(WATCH_EVERY_MS, () => {
      const now = powers.now();
      const missedMs = Math.max(now - lookedAt - WATCH_EVERY_MS, 0);
      for (const host of vats.hosts) {
        host.headSince = Math.min(host.headSince + missedMs, now);
      }
      if ([...vats.hosts].some(isOverdue)) {
        // What they have answered by now is read first.
        powers.nextTurn(look);
      } else {
        look();
      }
    });
  };

  const look = (): void => {
    watching = false;
    for (const host of vats.hosts) {
      checkDeadline(host);
    }
    if (vats.hosts.size > 0) {
      watch();
    }
  };

  return harden({ watch, countDeath });
};
