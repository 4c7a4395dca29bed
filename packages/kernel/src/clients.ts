/**
 * The endpoint `clients`: everybody at the RPC socket. Clients make calls, wait
 * for results, and hold references by lease or by petname.
 */
import harden from '@endo/harden';
import {
  codeIn,
  fail,
  isKRef,
  isPromiseRef,
  KERNEL,
  RejectedError,
  type OcapError,
  type CapData,
  type Json,
  type KRef,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { makeEncode } from './encode.ts';
import { problemOf } from './kernel-errors.ts';
import { makeLeases, type Leases } from './leases.ts';
import { nearestName } from './nearest-name.ts';
import type { QueueMessageOptions } from './kernel-api.ts';
import type { Giver, PromiseRow, RequestRow } from './store/rows.ts';
import { insistBelowWaitingCap, insistRoomToRecord } from './waiting-cap.ts';

type Outcome = NonNullable<RequestRow['outcome']>;

type Waiter = Readonly<{
  resolve: (data: CapData<KRef>) => void;
  reject: (error: Error) => void;
}>;

export type Clients = Omit<Leases, 'leaseEnd'> &
  Readonly<{
    /** The object that a reference or petname stands for. */
    resolveRef(ref: string): KRef;
    queueMessage(
      target: string,
      method: string,
      args: readonly Json[],
      options?: QueueMessageOptions,
    ): Promise<CapData<KRef>>;
    /** A call of the kernel's own, on a client's behalf. */
    call(
      target: KRef,
      method: string,
      args: readonly Json[],
    ): Promise<CapData<KRef>>;
    onSettled(kref: KRef, row: PromiseRow): void;
    /** Tells everybody who still waits that there will be no answer. */
    interruptAll(error: OcapError): void;
    /** Nobody waits any more: the connections of an earlier daemon are gone. */
    recover(): void;
  }>;

export const makeClients = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'outbox' | 'powers'
  >,
): Clients => {
  const { store, refs, messages, outbox, powers } = context;
  const waiters = new Map<KRef, Waiter[]>();
  const encode = makeEncode();
  const { lease, leaseEnd, ...leases } = makeLeases(context);

  const resolveRef = (ref: string): KRef => {
    if (isKRef(ref)) {
      const alive = isPromiseRef(ref)
        ? store.promises.get(ref) !== undefined
        : (store.objects.get(ref)?.reachable ?? 0) > 0;
      if (!alive) {
        throw fail('REF_UNKNOWN', { ref });
      }
      return ref;
    }
    const kref = store.names.get(ref);
    if (kref === undefined) {
      const names = [...store.scan().names()].map(([name]) => name);
      throw fail('NAME_UNKNOWN', {
        name: ref,
        suggestion: nearestName(ref, names),
      });
    }
    return kref;
  };

  const tell = (
    { resolve, reject }: Waiter,
    outcome: Outcome,
    data: CapData<KRef>,
  ): void => {
    if (outcome === 'fulfilled') {
      resolve(data);
      return;
    }
    const problem = problemOf(data);
    // Only the kernel's own word is taken for it that it was the kernel.
    const code = outcome === 'refused' ? codeIn(problem) : undefined;
    reject(new RejectedError(problem, data, code));
  };

  const wait = async (kref: KRef): Promise<CapData<KRef>> =>
    new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      const waiting = waiters.get(kref);
      if (waiting === undefined) {
        waiters.set(kref, [waiter]);
      } else {
        waiting.push(waiter);
      }
    });

  const send = (
    target: KRef,
    methargs: CapData<KRef>,
    requestId: string | null,
    sender: Giver = 'client',
  ): KRef => {
    const result = refs.makePromise(
      { awaited: true, requestId },
      requestId === null ? 1 : 2,
    );
    messages.send({ sender, target, methargs, result });
    insistBelowWaitingCap(context, sender);
    outbox.touch();
    return result;
  };

  const encodeCall = (
    method: string,
    args: readonly Json[],
    resolve = resolveRef,
  ): CapData<KRef> => {
    const methargs = encode([method, [...args]], resolve);
    if (methargs.slots.length > powers.limits.messageSlots) {
      throw fail('LIMIT_REACHED', {
        limit: 'messageSlots',
        value: methargs.slots.length,
        max: powers.limits.messageSlots,
        unit: 'references',
      });
    }
    return methargs;
  };

  const sendOff = async (
    target: KRef,
    methargs: CapData<KRef>,
  ): Promise<CapData<KRef>> => {
    const kref = store.savepoint(() => {
      const result = send(target, methargs, null);
      refs.collect();
      return result;
    });
    return wait(kref);
  };

  const answerAgain = async (request: RequestRow): Promise<CapData<KRef>> => {
    const { promise, outcome, data } = request;
    if (promise === null) {
      const recorded = data ?? { body: '', slots: [] };
      return new Promise((resolve, reject) => {
        // Even a recorded answer may not be on disk yet.
        outbox.push(() =>
          tell({ resolve, reject }, outcome ?? 'rejected', recorded),
        );
      });
    }
    const row = refs.promise(promise);
    if (!row.awaited) {
      store.promises.set(promise, {
        ...row,
        awaited: true,
        refs: row.refs + 1,
      });
    }
    return wait(promise);
  };

  const sendOnce = async (
    target: KRef,
    methargs: CapData<KRef>,
    requestId: string,
  ): Promise<CapData<KRef>> => {
    const fingerprint = powers.hash(
      JSON.stringify([target, methargs.body, methargs.slots]),
    );
    const known = store.requests.get(requestId);
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) {
        throw fail('REQUEST_ID_REUSED', { requestId });
      }
      return answerAgain(known);
    }
    insistRoomToRecord(context, requestId);
    const kref = store.savepoint(() => {
      const request = {
        fingerprint,
        promise: null,
        outcome: null,
        data: null,
        expires: leaseEnd(),
      };
      store.requests.set(requestId, request);
      const result = send(target, methargs, requestId);
      if (store.requests.get(requestId)?.outcome === null) {
        store.requests.set(requestId, { ...request, promise: result });
      }
      refs.collect();
      return result;
    });
    return wait(kref);
  };

  return harden({
    resolveRef,
    queueMessage: async (
      target: string,
      method: string,
      args: readonly Json[],
      { requestId, lookUp = resolveRef }: QueueMessageOptions = {},
    ) => {
      const resolve = (ref: string): KRef => resolveRef(lookUp(ref));
      const kref = resolve(target);
      const methargs = encodeCall(method, args, resolve);
      return requestId === undefined
        ? sendOff(kref, methargs)
        : sendOnce(kref, methargs, requestId);
    },
    call: async (target: KRef, method: string, args: readonly Json[]) =>
      sendOff(target, encodeCall(method, args)),
    onSettled: (kref: KRef, row: PromiseRow) => {
      const data = row.data ?? { body: '', slots: [] };
      data.slots.forEach(lease);
      if (row.requestId !== null) {
        const request = store.requests.get(row.requestId);
        if (request !== undefined) {
          refs.holdAll(data.slots);
          store.requests.set(row.requestId, {
            ...request,
            promise: null,
            outcome: outcomeOf(row),
            data,
          });
        }
        refs.release(kref);
      }
      if (row.awaited) {
        store.promises.set(kref, { ...refs.promise(kref), awaited: false });
        refs.release(kref);
        // In a later turn than this one, so `wait` has registered by then.
        store.whenKept(() =>
          outbox.push(() => {
            const waiting = waiters.get(kref) ?? [];
            waiters.delete(kref);
            waiting.forEach((waiter) => tell(waiter, outcomeOf(row), data));
          }),
        );
      }
    },
    lease,
    ...leases,
    interruptAll: (error: OcapError) => {
      for (const waiting of waiters.values()) {
        waiting.forEach(({ reject }) => reject(error));
      }
      waiters.clear();
    },
    recover: () => {
      const open = [...store.scan().openPromises()];
      store.savepoint(() => {
        for (const kref of open) {
          const row = refs.promise(kref);
          if (row.awaited) {
            store.promises.set(kref, { ...row, awaited: false });
            refs.release(kref);
          }
        }
        refs.collect();
      });
    },
  });
};

const outcomeOf = ({ state, settledBy }: PromiseRow): Outcome =>
  state === 'fulfilled'
    ? 'fulfilled'
    : settledBy === KERNEL
      ? 'refused'
      : 'rejected';
