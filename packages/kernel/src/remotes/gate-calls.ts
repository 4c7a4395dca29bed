/**
 * What the kernel itself asks of other kernels, at their gates. Unlike the call
 * of a client, what comes back is held only until it was looked at.
 */
import harden from '@endo/harden';
import {
  codeIn,
  KERNEL,
  type CapData,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { problemOf } from '../kernel-errors.ts';
import { makeServiceMarshal } from '../services/service-marshal.ts';
import type { PromiseRow } from '../store/rows.ts';

/** A gate, or the kernel in its place, has refused. */
export class GateRefusal extends Error {
  override readonly name = 'GateRefusal';
  /** Of the error that it says; what a peer says may be anything. */
  readonly code: string | undefined;
  constructor(problem: string) {
    super(problem);
    this.code = codeIn(problem);
  }
}

export type Ask = <T>(
  id: RemoteId,
  method: string,
  /** Given a way to pass objects on. */
  args: (passed: (kref: KRef) => object) => readonly unknown[],
  /** Looks at the answer, while what is in it is held. */
  use: (answer: CapData<KRef>) => T,
) => Promise<T>;

export type GateCalls = Readonly<{
  /** @throws GateRefusal */
  ask: Ask;
  /** Whether the promise was the result of such a call. */
  onSettled(kref: KRef, row: PromiseRow): boolean;
  stop(): void;
}>;

export const makeGateCalls = (
  {
    store,
    refs,
    messages,
    outbox,
  }: Pick<KernelContext, 'store' | 'refs' | 'messages' | 'outbox'>,
  gateOf: (id: RemoteId) => KRef,
): GateCalls => {
  const waiting = new Map<KRef, (row: PromiseRow) => void>();
  let isStopped = false;

  /** Until now it held what it has settled to. */
  const letGo = (kref: KRef): void => {
    store.savepoint(() => {
      store.promises.set(kref, { ...refs.promise(kref), awaited: false });
      refs.release(kref);
      refs.collect();
    });
    outbox.touch();
  };

  const send = (
    target: KRef,
    methargs: CapData<KRef>,
    onSettled: (row: PromiseRow) => void,
  ): void =>
    store.savepoint(() => {
      const result = refs.makePromise({ awaited: true, requestId: null }, 1);
      waiting.set(result, onSettled);
      messages.send({ sender: KERNEL, target, methargs, result });
      refs.collect();
    });

  const ask: Ask = async <T>(
    id: RemoteId,
    method: string,
    args: (passed: (kref: KRef) => object) => readonly unknown[],
    use: (answer: CapData<KRef>) => T,
  ) =>
    new Promise<T>((resolve, reject) => {
      const marshal = makeServiceMarshal();
      const methargs = marshal.toCapData([method, args(marshal.presenceOf)]);
      send(gateOf(id), methargs, ({ state, data }) => {
        const answer = data ?? { body: '', slots: [] };
        if (state === 'rejected') {
          reject(new GateRefusal(problemOf(answer)));
          return;
        }
        // Begun within this turn, while the answer is held.
        resolve((async () => use(answer))());
      });
      outbox.touch();
    });

  return harden({
    ask,
    onSettled: (kref: KRef, row: PromiseRow) => {
      const tell = waiting.get(kref);
      if (tell === undefined) {
        return false;
      }
      // Later: a savepoint is open. The promise is held, being awaited.
      store.whenKept(() => {
        waiting.delete(kref);
        void Promise.resolve().then(() => {
          if (!isStopped) {
            tell(row);
            letGo(kref);
          }
        });
      });
      return true;
    },
    stop: () => {
      isStopped = true;
    },
  });
};
