/**
 * How much of each sender waits to be delivered, in inboxes and behind promises.
 * It is the sender that is held to a limit, not the receiver: otherwise whoever
 * fills an inbox would take it away from everybody else. News of a promise count
 * for whoever is told, because it has asked for them.
 */
import harden from '@endo/harden';
import {
  isRemoteId,
  KERNEL,
  type OwnerId,
  type VatId,
} from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';
import type { Giver, InboxRow, Message, VatRow } from './rows.ts';

export type Load = Readonly<{
  messages: number;
  /** Characters of their arguments. */
  chars: number;
}>;

export type Waiting = Readonly<{
  of(sender: Giver): Load;
  /** A row came to wait, or waits no more; undone with the savepoint. */
  note(row: Message | InboxRow, sign: 1 | -1): void;
}>;

const nothing: Load = harden({ messages: 0, chars: 0 });

export const makeWaiting = (
  journal: Journal,
  before: Iterable<readonly [Giver, Load]>,
  vatOf: (vatId: VatId) => VatRow | undefined,
): Waiting => {
  const loads = new Map<Giver, Load>(before);
  const of = (sender: Giver): Load => loads.get(sender) ?? nothing;
  const put = (sender: Giver, load: Load): void => {
    if (load.messages > 0) {
      loads.set(sender, load);
    } else {
      loads.delete(sender);
    }
  };
  const toldOf = (owner: OwnerId): Giver | undefined => {
    if (owner === KERNEL) {
      return KERNEL;
    }
    return isRemoteId(owner) ? owner : vatOf(owner)?.subclusterId;
  };
  return harden({
    of,
    note: (row, sign) => {
      const sender = 'sender' in row ? row.sender : toldOf(row.vatId);
      if (sender === undefined) {
        return;
      }
      const chars = 'methargs' in row ? row.methargs.body.length : 0;
      const was = of(sender);
      put(sender, {
        messages: was.messages + sign,
        chars: was.chars + sign * chars,
      });
      journal.record(() => put(sender, was));
    },
  });
};
