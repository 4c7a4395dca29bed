/**
 * What the parts of one kernel share: the durable state, what it knows about
 * running vats, and the ways in which the parts wake each other.
 */
import type { VatId } from '@ocap/kernel-utils';
import type { Caps } from './caps.ts';
import type { ApplySyscalls } from './crank.ts';
import type { IllegalSyscall } from './illegal-syscall.ts';
import type { LateWork } from './late-work.ts';
import type { Counts } from './counts.ts';
import type { Events } from './events.ts';
import type { Messages } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { Powers } from './powers.ts';
import type { References } from './references.ts';
import type { KernelStore } from './store/kernel-store.ts';
import type { VatRuntimes } from './vat-runtimes.ts';

export type KernelContext = Readonly<{
  store: KernelStore;
  refs: References;
  messages: Messages;
  caps: Caps;
  events: Events;
  counts: Counts;
  applySyscalls: ApplySyscalls;
  lateWork: LateWork;
  /** Ends a vat of which something is found that no honest vat does. */
  condemn: (vatId: VatId, error: IllegalSyscall) => void;
  outbox: Outbox;
  powers: Powers;
  vats: VatRuntimes;
  /** The vat may have something to do: it is looked at in this turn. */
  wake(vatId: VatId): void;
}>;
