/**
 * A data frame of another kernel, applied: all of it becomes kernel state, in
 * one savepoint, or none of it does. Everything that it names goes through its
 * c-list, as with a vat.
 */
import harden from '@endo/harden';
import {
  isExport,
  isPromiseRef,
  ROOT_VREF,
  type RemoteId,
  type VRef,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { IllegalSyscall } from '../illegal-syscall.ts';
import { readSettlements } from '../settlements.ts';
import type { Resolution, Syscall } from '../vat/protocol.ts';
import type { Embargo } from './embargo.ts';
import {
  countNames,
  PeerViolation,
  type DataFrame,
  type RemoteOp,
} from './frames.ts';

export type FramesIn = Readonly<{
  /** The frame must be the next one. @throws PeerViolation */
  apply(id: RemoteId, frame: DataFrame): void;
}>;

export const makeFramesIn = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'applySyscalls' | 'powers'
  >,
  embargo: Embargo,
): FramesIn => {
  const { store, refs, messages, applySyscalls, powers } = context;

  const applySyscall = (id: RemoteId, syscall: Syscall): void => {
    applySyscalls(id, { syscalls: [syscall], writes: [] });
  };

  const insistTakesAnswers = (id: RemoteId): void => {
    if (store.remoteAnswers(id).count >= powers.limits.remoteAnswers) {
      throw new PeerViolation(
        'it asks for more, and takes or forgets no answer (remoteAnswers)',
      );
    }
  };

  /** It waits for the result of what it sends. */
  const send = (id: RemoteId, op: RemoteOp & { 0: 'send' }): void => {
    const result = op[3];
    if (result !== null) {
      insistTakesAnswers(id);
    }
    applySyscall(id, op);
    if (result !== null) {
      messages.subscribe(id, refs.toKernel(id, result));
    }
  };

  const resolve = (id: RemoteId, resolutions: readonly Resolution[]): void => {
    const settled = readSettlements(refs, id, resolutions);
    for (const { kref, rejected, data } of settled) {
      if (!rejected && embargo.isNeeded(id, kref, data)) {
        embargo.begin(id, kref, data);
        continue;
      }
      messages.resolve(kref, rejected, data, id);
      // It keeps the name until it hears that nobody here uses it any more.
      store.gcActions.add(id, 'forgetPromise', kref);
    }
  };

  /** Without what was named to it after it had decided to give it up. */
  const stillGivenUp = (
    id: RemoteId,
    names: readonly VRef[],
    seen: number,
  ): VRef[] =>
    names.filter((ref) => {
      const kref = store.clist.krefOf(id, ref);
      const entry = kref && store.clist.get(id, kref);
      return entry !== undefined && !isExport(ref) && (entry.sent ?? 0) <= seen;
    });

  const forget = (id: RemoteId, names: readonly VRef[]): void => {
    for (const ref of names) {
      const kref = store.staleNames.get(id, ref);
      if (kref === undefined) {
        throw new PeerViolation(`it forgets ${ref}, which was not settled`);
      }
      store.staleNames.delete(id, ref);
      refs.release(kref);
    }
  };

  const applyOp = (id: RemoteId, op: RemoteOp, seen: number): void => {
    switch (op[0]) {
      case 'send':
        send(id, op);
        break;
      case 'resolve':
        resolve(id, op[1]);
        break;
      case 'dropImports':
      case 'retireImports':
        applySyscall(id, [op[0], stillGivenUp(id, op[1], seen)]);
        break;
      case 'retireExports':
        if (op[1].includes(ROOT_VREF)) {
          throw new PeerViolation('it gives up its gate');
        }
        applySyscall(id, [op[0], knownExports(id, op[1])]);
        break;
      case 'forget':
        forget(id, op[1]);
        break;
      default:
        op satisfies never;
    }
  };

  /** What was retired from here at the same time is not known any more. */
  const knownExports = (id: RemoteId, names: readonly VRef[]): VRef[] =>
    names.filter(
      (ref) =>
        isExport(ref) &&
        !isPromiseRef(ref) &&
        store.clist.krefOf(id, ref) !== undefined,
    );

  /** There is nothing for a stranger to speak of but what it asks the gate. */
  const insistModest = (id: RemoteId, names: number): void => {
    const isStranger = store.remotes.get(id)?.standing === 'stranger';
    if (isStranger && names > powers.limits.remoteStrangerNames) {
      throw new PeerViolation('it names more than a stranger may');
    }
  };

  return harden({
    apply: (id: RemoteId, { seq, seen, ops }: DataFrame) => {
      try {
        store.savepoint(() => {
          insistModest(id, countNames(ops));
          ops.forEach((op) => applyOp(id, op, seen));
          insistModest(id, store.clist.size(id));
          const row = store.remotes.get(id);
          if (row !== undefined) {
            store.remotes.set(id, {
              ...row,
              received: seq,
              seenAt: powers.epoch(),
            });
          }
          refs.collect();
        });
      } catch (error) {
        throw error instanceof IllegalSyscall
          ? new PeerViolation(error.message)
          : error;
      }
    },
  });
};
