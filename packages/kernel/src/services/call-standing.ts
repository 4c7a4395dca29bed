/**
 * Whether a call that takes its time is still to be answered. A line that was
 * read for a vat whose heap is gone, or through a grant that was revoked since,
 * would be lost or given away; so it is asked before a line is handed out.
 */
import {
  fail,
  isRemoteId,
  type KRef,
  type OcapError,
  type EndpointId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { watchesDurably } from '../liveslots-keys.ts';
import type { Message } from '../store/rows.ts';
import type { Grants } from './grants.ts';

/** Undefined while the call is to be answered, else why it is not. */
export type CallStanding = () => OcapError | undefined;

export const makeCallStanding = (
  {
    store,
    refs,
    caps,
    vats,
  }: Pick<KernelContext, 'store' | 'refs' | 'caps' | 'vats'>,
  grants: Grants,
): ((call: Message) => CallStanding) => {
  const incarnationOf = (id: EndpointId): number | undefined =>
    isRemoteId(id) ? undefined : store.vats.get(id)?.incarnation;

  return ({ sender, target, result }) => {
    const begun = new Map(
      (result === null ? [] : refs.promise(result).subscribers).map(
        (vatId) => [vatId, incarnationOf(vatId)] as const,
      ),
    );

    /** The vat has lost the heap that made the call, and keeps no watch on it. */
    const hasForgotten = (vatId: EndpointId, kref: KRef): boolean =>
      !isRemoteId(vatId) &&
      begun.has(vatId) &&
      (begun.get(vatId) !== incarnationOf(vatId) ||
        (vats.peek(vatId)?.state ?? 'asleep') === 'asleep') &&
      !watchesDurably(store, vatId, kref);

    const isAwaited = (): boolean => {
      if (result === null) {
        return false;
      }
      const row = refs.promise(result);
      const lost = row.subscribers.filter((id) => hasForgotten(id, result));
      // One reference is the call's own, and one in each c-list of those.
      return (
        row.awaited || row.requestId !== null || row.refs > 1 + lost.length
      );
    };

    return () => {
      if (grants.isRevoked(target) || caps.isBarred(sender, target)) {
        return fail('OBJECT_REVOKED', { ref: target });
      }
      return isAwaited()
        ? undefined
        : fail('INTERRUPTED', { what: 'A call that nobody waits for' });
    };
  };
};
