/**
 * The service `clock`: the time, and wake-ups that outlive every process. A
 * wake-up sends its handler `wake(dueMs, id)`; one that comes due while no daemon
 * runs is sent at the next start. Handlers should be durable: an object that
 * lived only in a heap cannot be woken after that heap is gone.
 */

import harden from '@endo/harden';
import { M } from '@endo/patterns';
import type { Powers } from '../powers.ts';
import type { Wakeups } from '../wakeups.ts';
import { makeServiceExo } from './service-exo.ts';
import type { Service, ServiceCaller } from './service.ts';

const guard = M.interface('Clock', {
  now: M.call().returns(M.number()),
  wakeAt: M.call(M.number(), M.remotable()).returns(M.string()),
  wakeEvery: M.call(M.number(), M.number(), M.remotable()).returns(M.string()),
  cancel: M.call(M.string()).returns(M.boolean()),
  attenuate: M.call(M.arrayOf(M.string())).returns(M.remotable()),
});

/** Shortest time between two wake-ups of one handler, in ms. */
const SHORTEST_PERIOD_MS = 100;

export const makeClockService = (
  wakeups: Wakeups,
  { epoch }: Pick<Powers, 'epoch'>,
): Service =>
  harden({
    systemOnly: false,
    makeExo: ({ grant, krefOf, attenuate }: ServiceCaller) =>
      makeServiceExo('Clock', guard, {
        /** Epoch milliseconds. */
        now: () => Math.floor(epoch()),
        /** Once, at this time (epoch ms); at once if it has passed. */
        wakeAt: (due: number, handler: unknown) =>
          wakeups.add({
            due: insistTime(due),
            every: null,
            grant,
            handler: krefOf(handler),
          }),
        /** First at `due`, then every `every` ms; those that were missed come as one. */
        wakeEvery: (due: number, every: number, handler: unknown) => {
          if (!(every >= SHORTEST_PERIOD_MS)) {
            throw RangeError(
              `a period is at least ${SHORTEST_PERIOD_MS} ms, not ${every}`,
            );
          }
          return wakeups.add({
            due: insistTime(due),
            every: insistTime(every),
            grant,
            handler: krefOf(handler),
          });
        },
        /** Whether there was one. Only what was asked for through this grant. */
        cancel: (id: string) => wakeups.cancel(id, grant),
        attenuate: (methods: string[]) => attenuate(methods),
      }),
  });

const insistTime = (ms: number): number => {
  if (!Number.isFinite(ms) || ms < 0 || ms > 8.64e15) {
    throw RangeError(`${ms} is not a time in milliseconds`);
  }
  return Math.floor(ms);
};
