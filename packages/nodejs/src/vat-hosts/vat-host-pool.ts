/**
 * The vat hosts of one kernel. One more than needed is kept booted, so that
 * launching a vat does not wait for a process to start.
 */
import type { HostEvents, VatHosts } from '@ocap/kernel';
import type { LimitValues, Logger } from '@ocap/kernel-utils';
import { startHostReaper } from './host-reaper.ts';
import { spawnVatHost, type VatHostProcess } from './vat-host-process.ts';

/** How long after a spare was taken the next one is started, in ms. */
const REPLENISH_MS = 100;

export const makeVatHostPool = (
  logger: Logger,
  limits: LimitValues,
  /** Otherwise only the first host is started before it is needed. */
  keepSpare: boolean,
): VatHosts => {
  const reaper = startHostReaper();
  const running = new Set<VatHostProcess>();
  let spare: VatHostProcess | undefined;
  let replenishing: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): VatHostProcess => {
    const host = spawnVatHost({ logger, limits, reaper });
    running.add(host);
    void host.ended.then(() => {
      running.delete(host);
      if (spare === host) {
        spare = undefined;
      }
    });
    return host;
  };

  const replenish = (): void => {
    replenishing ??= setTimeout(() => {
      replenishing = undefined;
      if (!closed) {
        spare ??= start();
      }
    }, REPLENISH_MS);
    replenishing.unref();
  };

  spare = start();
  return {
    open: (events: HostEvents) => {
      const host = spare ?? start();
      spare = undefined;
      if (keepSpare) {
        replenish();
      }
      return host.adopt(events);
    },
    spare: () =>
      spare === undefined
        ? undefined
        : { pid: spare.pid, memoryBytes: spare.memoryBytes() },
    close: async () => {
      closed = true;
      clearTimeout(replenishing);
      const ending = [...running].map((host) => {
        host.kill('the daemon is shutting down');
        return host.ended;
      });
      await Promise.all(ending);
      reaper.close();
    },
  };
};
