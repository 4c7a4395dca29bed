/**
 * Requests of vats to the network. One leaves only after the crank that asked
 * for it is committed, and lives no longer than the process of its vat: the
 * promise that waits for the answer is of the heap. So a request is made once
 * or not at all, and after a crash nobody asks again in the vat's name.
 */
import { messageOf } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import type { VatRuntime } from './vat-runtimes.ts';
import {
  fetchRequestBytes,
  type FetchOutcome,
  type FetchRequest,
} from './vat/fetch-protocol.ts';
import type { DoneFrame } from './vat/protocol.ts';

type Context = Pick<KernelContext, 'store' | 'outbox' | 'powers'>;

/**
 * Takes what a crank asked of the network; to be called within its savepoint,
 * as the last step. @throws IllegalSyscall for what an honest host never asks.
 */
export const beginFetches = (
  context: Context,
  vat: VatRuntime,
  { fetches = [], fetchesAborted = [] }: DoneFrame,
): void => {
  if (fetches.length === 0 && fetchesAborted.length === 0) {
    return;
  }
  const aborted = new Set(fetchesAborted);
  insistLawful(context, vat, fetches, aborted);
  const unwanted = [...aborted].map((id) => {
    const controller = vat.fetches.get(id);
    vat.fetches.delete(id);
    return controller;
  });
  const begun = fetches.map((request) => {
    const controller = new AbortController();
    vat.fetches.set(request.id, controller);
    return { request, controller };
  });
  context.outbox.push(() => {
    unwanted.forEach((controller) => controller?.abort());
    for (const { request, controller } of begun) {
      // Not if the vat has lost its process since.
      if (vat.fetches.get(request.id) === controller) {
        void run(context, vat, request, controller);
      }
    }
  });
};

/** The process of the vat is gone. */
export const abortFetches = ({ fetches }: VatRuntime): void => {
  const controllers = [...fetches.values()];
  fetches.clear();
  controllers.forEach((controller) => controller.abort());
};

const insistLawful = (
  { powers: { limits } }: Context,
  { fetches: underWay }: VatRuntime,
  fetches: readonly FetchRequest[],
  aborted: ReadonlySet<number>,
): void => {
  const taken = new Set([...underWay.keys()].filter((id) => !aborted.has(id)));
  for (const request of fetches) {
    if (taken.has(request.id)) {
      throw new IllegalSyscall('it uses one number for two requests');
    }
    taken.add(request.id);
    if (taken.size > limits.fetchesInFlight) {
      throw new IllegalSyscall(
        `it asks for more than ${limits.fetchesInFlight} answers at a time`,
      );
    }
    if (fetchRequestBytes(request) > limits.fetchRequestBytes) {
      throw new IllegalSyscall(
        `a request is larger than ${limits.fetchRequestBytes} bytes`,
      );
    }
  }
};

const run = async (
  { store, powers }: Context,
  vat: VatRuntime,
  request: FetchRequest,
  controller: AbortController,
): Promise<void> => {
  const { id } = request;
  const { allowedHosts = [] } = store.vats.get(vat.id)?.config.network ?? {};
  const { signal } = controller;
  const outcome = await powers.network
    .fetch(request, { allowedHosts, signal })
    .catch((error: unknown): FetchOutcome => {
      powers.logger.error(`a request failed here: ${messageOf(error)}`, {
        vat: vat.id,
      });
      return { problem: 'the daemon met a fault' };
    });
  if (vat.fetches.get(id) === controller) {
    vat.fetches.delete(id);
    vat.host?.process.send({ type: 'fetched', vat: vat.id, id, ...outcome });
  }
};
