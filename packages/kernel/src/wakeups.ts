/**
 * Messages that the clock owes: kept in the store, sent when they are due. Each
 * holds its handler and the grant through which it was asked for, and ends with
 * either.
 */
import harden from '@endo/harden';
import { fail, KERNEL, type CapData, type KRef } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Grants } from './services/grants.ts';
import type { WakeupRow } from './store/rows.ts';

export type Wakeups = Readonly<{
  /** Returns its id; throws LIMIT_REACHED. */
  add(row: WakeupRow): string;
  /** Whether there was one of this grant. */
  cancel(id: string, grant: KRef): boolean;
  /** Takes up those of an earlier daemon. */
  recover(): void;
  /** Forgets those whose handler or grant has ended. */
  sweep(): void;
  stop(): void;
}>;

/** Timers of the platform do not go further. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export const makeWakeups = (
  {
    store,
    refs,
    messages,
    outbox,
    powers,
  }: Pick<KernelContext, 'store' | 'refs' | 'messages' | 'outbox' | 'powers'>,
  grants: Grants,
): Wakeups => {
  // The same as the rows: there are few, and each is needed to find the next.
  const pending = new Map<string, WakeupRow>();
  let disarm = (): void => undefined;

  const arm = (): void => {
    disarm();
    const dues = [...pending.values()].map(({ due }) => due);
    if (dues.length > 0) {
      const wait = Math.max(0, Math.min(...dues) - powers.epoch());
      disarm = powers.after(Math.min(wait, LONGEST_WAIT_MS), onTime);
    }
  };

  const forget = (id: string, { handler, grant }: WakeupRow): void => {
    pending.delete(id);
    store.wakeups.delete(id);
    refs.release(handler);
    refs.release(grant);
  };

  const isOver = ({ handler, grant }: WakeupRow): boolean =>
    refs.object(handler).owner === null ||
    refs.object(handler).gone !== null ||
    grants.isRevoked(grant);

  const fire = (id: string, row: WakeupRow, now: number): void => {
    const { due, every, handler } = row;
    messages.send({
      sender: KERNEL,
      target: handler,
      methargs: wakeCall(due, id),
      result: null,
    });
    if (every === null) {
      forget(id, row);
      return;
    }
    const missed = Math.floor((now - due) / every);
    const next = { ...row, due: due + (missed + 1) * every };
    pending.set(id, next);
    store.wakeups.set(id, next);
  };

  const onTime = (): void => {
    const now = powers.epoch();
    store.savepoint(() => {
      for (const [id, row] of [...pending]) {
        if (isOver(row)) {
          forget(id, row);
        } else if (row.due <= now) {
          fire(id, row, now);
        }
      }
      refs.collect();
    });
    outbox.touch();
    arm();
  };

  return harden({
    add: (row: WakeupRow) => {
      const max = powers.limits.wakeups;
      if (pending.size >= max) {
        throw fail('LIMIT_REACHED', {
          limit: 'wakeups',
          value: pending.size + 1,
          max,
          unit: 'wake-ups',
        });
      }
      const id = store.savepoint(() => {
        const next = `w${store.nextId('wakeup')}`;
        store.wakeups.set(next, row);
        refs.hold(row.handler);
        refs.hold(row.grant);
        return next;
      });
      pending.set(id, row);
      arm();
      return id;
    },
    cancel: (id: string, grant: KRef) => {
      const row = pending.get(id);
      if (row === undefined || row.grant !== grant) {
        return false;
      }
      store.savepoint(() => {
        forget(id, row);
        refs.collect();
      });
      arm();
      return true;
    },
    recover: () => {
      for (const [id, row] of store.scan().wakeups()) {
        pending.set(id, row);
      }
      arm();
    },
    sweep: () => {
      store.savepoint(() => {
        for (const [id, row] of [...pending]) {
          if (isOver(row)) {
            forget(id, row);
          }
        }
        refs.collect();
      });
      arm();
    },
    stop: () => disarm(),
  });
};

const wakeCall = (due: number, id: string): CapData<KRef> => ({
  body: `#${JSON.stringify(['wake', [due, id]])}`,
  slots: [],
});
