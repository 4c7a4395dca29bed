/**
 * How much of each sender waits to be delivered, in inboxes and behind promises.
 * It is the sender that is held to a limit, not the receiver: otherwise whoever
 * fills an inbox would take it away from everybody else. News of a promise count
 * for whoever is told, because it has asked for them; those for another kernel do
 * not (see remote-answers.ts): what is counted here keeps its frames waiting, and
 * in them may be what makes it possible to tell it more.
 */
import harden from '@endo/harden';
import {
  isRemoteId,
  KERNEL,
  type OwnerId,
  type RemoteId,
  type VatId,
} from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';
import type { Giver, InboxRow, Message, VatRow } from './rows.ts';
import type { StoreBackend } from './store-backend.ts';

export type Load = Readonly<{
  messages: number;
  /** Characters of their arguments. */
  chars: number;
}>;

export type Waiting = Readonly<{
  of(sender: Giver): Load;
  /**
   * What of it waits for something that may never come: for a promise to be
   * settled, or for another kernel. Vats here work off the rest.
   */
  parked(sender: RemoteId): Load;
  /** A row came to wait, or waits no more; undone with the savepoint. */
  note(row: Message | InboxRow, sign: 1 | -1): void;
}>;

const nothing: Load = harden({ messages: 0, chars: 0 });

export const makeWaiting = (
  journal: Journal,
  before: Pick<StoreBackend['scan'], 'waiting' | 'parked'>,
  vatOf: (vatId: VatId) => VatRow | undefined,
): Waiting => {
  const all = makeLoads<Giver>(journal, before.waiting());
  const parked = makeLoads<RemoteId>(journal, before.parked());
  const toldOf = (owner: OwnerId): Giver | undefined => {
    if (owner === KERNEL) {
      return KERNEL;
    }
    return isRemoteId(owner) ? undefined : vatOf(owner)?.subclusterId;
  };
  return harden({
    of: all.of,
    parked: parked.of,
    note: (row, sign) => {
      const sender = 'sender' in row ? row.sender : toldOf(row.vatId);
      if (sender === undefined) {
        return;
      }
      const chars = 'methargs' in row ? row.methargs.body.length : 0;
      all.note(sender, sign, chars);
      if (isRemoteId(sender) && isParked(row)) {
        parked.note(sender, sign, chars);
      }
    },
  });
};

const isParked = (row: Message | InboxRow): boolean =>
  !('vatId' in row) || isRemoteId(row.vatId);

const makeLoads = <Sender>(
  journal: Journal,
  before: Iterable<readonly [Sender, Load]>,
) => {
  const loads = new Map<Sender, Load>(before);
  const of = (sender: Sender): Load => loads.get(sender) ?? nothing;
  const put = (sender: Sender, load: Load): void => {
    if (load.messages > 0) {
      loads.set(sender, load);
    } else {
      loads.delete(sender);
    }
  };
  return {
    of,
    note: (sender: Sender, sign: 1 | -1, chars: number): void => {
      const was = of(sender);
      put(sender, {
        messages: was.messages + sign,
        chars: was.chars + sign * chars,
      });
      journal.record(() => put(sender, was));
    },
  };
};
