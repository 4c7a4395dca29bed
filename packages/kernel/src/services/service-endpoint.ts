/**
 * The kernel as the one that answers for services. A call is at most once: that
 * it has begun is on disk before the service acts, so a call that was under way
 * when the daemon died is not made again but rejected with INTERRUPTED.
 */
import { getInterfaceMethodKeys } from '@endo/patterns';
import harden from '@endo/harden';
import {
  codeIn,
  fail,
  KERNEL,
  messageOf,
  OcapError,
  type CapData,
  type KRef,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { rejectionOf, rejectionWith } from '../kernel-errors.ts';
import { decodingProblem } from '../readable-data.ts';
import type { Giver, GrantRow, InboxRow } from '../store/rows.ts';
import { answersExcess } from '../waiting-cap.ts';
import { makeCallStanding, type CallStanding } from './call-standing.ts';
import type { Grants } from './grants.ts';
import { makeServiceMarshal } from './service-marshal.ts';
import type { Service } from './service.ts';
import { makeTurns } from './turns.ts';

/** Calls that begin in one turn: each takes a fraction of a millisecond. */
const CALLS_AT_ONCE = 16;

export type ServiceEndpoint = Readonly<{
  /** Begins every call that waits and has not begun. */
  attend(): void;
  /** Rejects the calls that an earlier daemon had begun. */
  recover(): void;
  /** What has not ended is left to the next daemon, which rejects it. */
  stop(): void;
}>;

type Call = InboxRow & { kind: 'message' };
type Exo = Readonly<Record<string, (...args: unknown[]) => unknown>>;

export const makeServiceEndpoint = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'outbox' | 'caps' | 'vats' | 'powers'
  >,
  grants: Grants,
  services: ReadonlyMap<string, Service>,
): ServiceEndpoint => {
  const { store, refs, messages, outbox, powers } = context;
  const standingOf = makeCallStanding(context, grants);
  let stopped = false;
  /** Of the calls that have not begun, who is next. */
  const turns = makeTurns<Giver>();
  let lastSeen = 0;
  let isTurnDue = false;

  const finish = (
    seq: number,
    call: Call,
    rejected: boolean,
    data: CapData<KRef>,
    giver: Giver = KERNEL,
  ): void => {
    if (stopped) {
      return;
    }
    store.savepoint(() => {
      store.inbox.remove(KERNEL, seq);
      if (call.result !== null) {
        messages.resolve(call.result, rejected, data, giver);
      }
      messages.releaseMessage(call);
      refs.collect();
    });
    outbox.touch();
  };

  const insistService = ({ service: name }: GrantRow): Service => {
    const service = services.get(name);
    if (service === undefined) {
      throw fail('SERVICE_UNKNOWN', { service: name });
    }
    return service;
  };

  /** Before it is decoded, which happens in the daemon and holds everybody up. */
  const insistReadable = (grant: GrantRow, methargs: CapData<KRef>): void => {
    const { maxCallChars = Infinity } = insistService(grant);
    if (methargs.body.length > maxCallChars) {
      throw fail('LIMIT_REACHED', {
        limit: `of a call of "${grant.service}"`,
        value: methargs.body.length,
        max: maxCallChars,
        unit: 'characters',
      });
    }
    const problem = decodingProblem(methargs, powers.limits);
    if (problem !== undefined) {
      throw problem;
    }
  };

  const insistAnswerable = (grant: GrantRow, call: Call): void => {
    const excess = answersExcess(context, call);
    if (excess !== undefined && !insistService(grant).smallAnswers) {
      throw excess;
    }
  };

  const exoOf = (
    kref: KRef,
    grant: GrantRow,
    ended: CallStanding,
    marshal: ReturnType<typeof makeServiceMarshal>,
    passAs: (giver: Giver) => void,
  ): Exo => {
    return insistService(grant).makeExo(
      harden({
        grantee: grant.grantee,
        grant: kref,
        root: grants.rootOf(kref),
        params: grant.params,
        ended,
        krefOf: marshal.krefOf,
        presenceOf: marshal.presenceOf,
        passAs,
        attenuate: (methods: readonly string[]) =>
          marshal.presenceOf(
            grants.make({
              service: grant.service,
              grantee: grant.grantee,
              // Never more than this grant has itself.
              methods: methods.filter(
                (name) => grant.methods?.includes(name) !== false,
              ),
              parent: kref,
              params: grant.params,
            }),
          ),
      }),
    ) as Exo;
  };

  const invoke = async (
    call: Call,
    ended: CallStanding,
  ): Promise<Readonly<{ data: CapData<KRef>; giver: Giver }>> => {
    let giver: Giver = KERNEL;
    const marshal = makeServiceMarshal();
    const grant = grants.get(call.target);
    if (grant === undefined || grants.isRevoked(call.target)) {
      throw fail('OBJECT_REVOKED', { ref: call.target });
    }
    insistAnswerable(grant, call);
    insistReadable(grant, call.methargs);
    const [method, args] = marshal.fromCapData(call.methargs) as [
      string,
      unknown[],
    ];
    const exo = exoOf(call.target, grant, ended, marshal, (from) => {
      giver = from;
    });
    const offered = [
      '__getMethodNames__',
      '__getInterfaceGuard__',
      ...(grant.methods ?? methodsOf(exo)),
    ];
    const found = offered.includes(method) ? exo[method] : undefined;
    if (found === undefined) {
      throw fail('CALL_REJECTED', {
        problem: `the service has no method "${String(method)}"`,
      });
    }
    const result =
      method === '__getMethodNames__'
        ? offered
        : await Reflect.apply(found, exo, args);
    return { data: marshal.toCapData(result), giver };
  };

  const begin = (seq: number, call: Call): void => {
    store.inbox.update(seq, { ...call, attempts: 1 });
    const ended = standingOf(call);
    outbox.push(() => {
      if (stopped) {
        return;
      }
      void invoke(call, ended).then(
        ({ data, giver }) => finish(seq, call, false, data, giver),
        (error: unknown) => finish(seq, call, true, toRejection(error)),
      );
    });
  };

  /** The next ones begin when the daemon has heard everybody else. */
  const beginSome = (): void => {
    if (isTurnDue || stopped) {
      return;
    }
    for (let begun = 0; begun < CALLS_AT_ONCE; begun += 1) {
      const seq = turns.next();
      const row = seq === undefined ? undefined : store.inbox.get(seq);
      if (seq === undefined) {
        return;
      }
      if (row?.kind === 'message') {
        begin(seq, row);
      }
    }
    isTurnDue = true;
    outbox.push(() =>
      powers.nextTurn(() => {
        isTurnDue = false;
        beginSome();
      }),
    );
  };

  return harden({
    attend: () => {
      for (const seq of store.inbox.list(KERNEL)) {
        const row = seq > lastSeen ? store.inbox.get(seq) : undefined;
        if (row?.kind === 'message' && row.attempts === 0) {
          turns.add(row.sender, seq);
        }
        lastSeen = Math.max(lastSeen, seq);
      }
      beginSome();
    },
    recover: () => {
      for (const seq of store.inbox.list(KERNEL)) {
        const row = store.inbox.get(seq);
        if (row?.kind === 'message' && row.attempts > 0) {
          const what = 'A call to a service';
          finish(seq, row, true, rejectionOf(fail('INTERRUPTED', { what })));
        }
      }
    },
    stop: () => {
      stopped = true;
    },
  });
};

const methodsOf = (exo: Exo): readonly string[] => {
  const guard = exo['__getInterfaceGuard__']?.();
  return getInterfaceMethodKeys(guard as never).map(String);
};

const toRejection = (error: unknown): CapData<KRef> => {
  const problem = messageOf(error);
  // Services of the kernel have put their code into the message already.
  return error instanceof OcapError || codeIn(problem) === undefined
    ? rejectionOf(
        error instanceof OcapError ? error : fail('CALL_REJECTED', { problem }),
      )
    : rejectionWith(problem);
};
