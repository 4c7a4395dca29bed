/**
 * The channels that are open, by the grant that each was opened for. A channel
 * ends when its grant is revoked or forgotten, when its subcluster ends, and
 * when the kernel stops; the next daemon opens it anew, a socket at once and the
 * others when they are used.
 */
import harden from '@endo/harden';
import {
  fail,
  isRemoteId,
  messageOf,
  type KRef,
  type OcapError,
  type SubclusterId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type { IoSpec } from '../kernel-api.ts';
import type { IoMethod } from '../powers.ts';
import { makeChannelCalls, type ChannelCalls } from './channel-calls.ts';
import type { Grants } from './grants.ts';
import type { ServiceCaller } from './service.ts';

/** The name under which grants of channels are kept; no config can ask for it. */
export const IO = 'io';

/** What a grant of a channel keeps as its `params`. */
export type IoParams = Readonly<{ name: string }> & IoSpec;

export type OpenedChannel = Readonly<{ params: IoParams; calls: ChannelCalls }>;

export type IoChannels = Readonly<{
  /** Opens what a config asks for, all or none; rejects with IO_FAILED or LIMIT_REACHED. */
  open(
    io: Readonly<Record<string, IoSpec>>,
    subclusterId: SubclusterId,
  ): Promise<readonly OpenedChannel[]>;
  /** From now on this channel belongs to the grant. */
  adopt(grant: KRef, channel: OpenedChannel): void;
  call(
    caller: ServiceCaller,
    method: IoMethod,
    args: readonly string[],
  ): Promise<unknown>;
  onObjectGone(kref: KRef): void;
  /** Opens the sockets that an earlier daemon listened at. */
  recover(): Promise<void>;
  stop(): Promise<void>;
}>;

/** After these, a channel may have nobody left. */
const endings = new Set(['revoked', 'terminated', 'ended', 'lost its process']);

export const makeIoChannels = (
  { store, events, powers }: Pick<KernelContext, 'store' | 'events' | 'powers'>,
  grants: Grants,
): IoChannels => {
  const open = new Set<ChannelCalls>();
  const byGrant = new Map<KRef, ChannelCalls>();
  const closing = new Set<Promise<void>>();
  let stopped = false;

  /** Waits until what was closed is closed: it may have been at the same place. */
  const begin = (
    { name, ...spec }: IoParams,
    subclusterId: SubclusterId,
    fresh: boolean,
  ): ChannelCalls => {
    if (stopped) {
      throw fail('SHUTTING_DOWN');
    }
    const max = powers.limits.ioChannels;
    if (open.size >= max) {
      throw fail('LIMIT_REACHED', {
        limit: 'ioChannels',
        value: open.size + 1,
        max,
        unit: 'channels',
      });
    }
    const calls = makeChannelCalls({
      name,
      opening: Promise.all(closing).then(async () =>
        powers.io.open(spec, { name, subclusterId, fresh }),
      ),
      limits: powers.limits,
    });
    calls.ready.catch(() => open.delete(calls));
    open.add(calls);
    return calls;
  };

  const end = (calls: ChannelCalls, reason: OcapError): void => {
    open.delete(calls);
    const done = calls
      .close(reason)
      .catch((error: unknown) =>
        powers.logger.warn(`a channel did not close: ${messageOf(error)}`),
      )
      .finally(() => closing.delete(done));
    closing.add(done);
  };

  const paramsOf = (grant: KRef): IoParams =>
    grants.get(grant)?.params as IoParams;

  /** Why there is to be no channel of this grant, if so. */
  const endOf = (grant: KRef): OcapError | undefined => {
    const row = grants.get(grant);
    if (row === undefined || grants.isRevoked(grant)) {
      return fail('OBJECT_REVOKED', { ref: grant });
    }
    return isRemoteId(row.grantee) ||
      store.subclusters.get(row.grantee) === undefined
      ? fail('IO_FAILED', {
          channel: paramsOf(grant).name,
          problem: `it was closed when the subcluster ${row.grantee} ended`,
        })
      : undefined;
  };

  const channelOf = (grant: KRef): ChannelCalls => {
    const known = byGrant.get(grant);
    if (known !== undefined) {
      return known;
    }
    const ended = endOf(grant);
    if (ended !== undefined) {
      throw ended;
    }
    const grantee = grants.get(grant)?.grantee as SubclusterId;
    const calls = begin(paramsOf(grant), grantee, false);
    byGrant.set(grant, calls);
    // Tried anew by the next call.
    calls.ready.catch(() => {
      if (byGrant.get(grant) === calls) {
        byGrant.delete(grant);
      }
    });
    return calls;
  };

  const sweep = (): void => {
    for (const [grant, calls] of [...byGrant]) {
      const ended = endOf(grant);
      if (ended === undefined) {
        calls.sweep();
      } else {
        byGrant.delete(grant);
        end(calls, ended);
      }
    }
  };
  events.listen((_seq, { type }) => {
    if (endings.has(type)) {
      sweep();
    }
  });

  return harden({
    open: async (
      io: Readonly<Record<string, IoSpec>>,
      subclusterId: SubclusterId,
    ) => {
      const opened: OpenedChannel[] = [];
      try {
        for (const [name, spec] of Object.entries(io)) {
          const params = { name, ...spec };
          const calls = begin(params, subclusterId, true);
          opened.push({ params, calls });
          await calls.ready;
        }
      } catch (error) {
        opened.forEach(({ calls }) => end(calls, error as OcapError));
        throw error;
      }
      return opened;
    },
    adopt: (grant: KRef, { calls }: OpenedChannel) => {
      byGrant.set(grant, calls);
      // The subcluster may have ended while its channels were being opened.
      store.whenKept(sweep);
    },
    call: async (
      caller: ServiceCaller,
      method: IoMethod,
      args: readonly string[],
    ) => channelOf(caller.root).call(caller, method, args),
    onObjectGone: (kref: KRef) => {
      if (byGrant.has(kref)) {
        store.whenKept(sweep);
      }
    },
    recover: async () => {
      const sockets = [...store.scan().grants()].filter(
        ([kref, { service, parent, params }]) =>
          service === IO &&
          parent === null &&
          (params as IoParams).type === 'socket' &&
          endOf(kref) === undefined,
      );
      await Promise.all(
        sockets.map(async ([kref]) => {
          try {
            await channelOf(kref).ready;
          } catch (error) {
            powers.logger.error(messageOf(error));
          }
        }),
      );
    },
    stop: async () => {
      stopped = true;
      byGrant.clear();
      open.forEach((calls) => end(calls, fail('SHUTTING_DOWN')));
      await Promise.all(closing);
    },
  });
};
