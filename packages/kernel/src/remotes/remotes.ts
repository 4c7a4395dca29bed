/**
 * Other kernels, as operators and vats see them: how to be reached, how to
 * reach them, what is under way, and objects of theirs by URL.
 */
import harden from '@endo/harden';
import {
  codeIn,
  fail,
  messageOf,
  type CapData,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { Clients } from '../clients.ts';
import type { KernelContext } from '../context.ts';
import { presenceIn } from '../messages.ts';
import type { Grants } from '../services/grants.ts';
import type { RemoteCommsStatus } from '../status-api.ts';
import type { RemoteCommsOptions } from './peer-transport.ts';
import type { OcapUrls } from '../ocap-urls.ts';
import { makeEmbargo } from './embargo.ts';
import { makeRemoteBook } from './remote-book.ts';
import { makeFramesIn } from './remote-frames-in.ts';
import { makeFramesOut } from './remote-frames-out.ts';
import { makePeerStatus } from './peer-status.ts';
import { makeRemoteComms } from './remote-comms.ts';
import { makeRemoteLinks } from './remote-links.ts';
import { makeReach } from './remote-reach.ts';
import { makeThirdParties, type ThirdParties } from './third-parties.ts';

export type Remotes = Readonly<{
  ids(): Iterable<RemoteId>;
  fill(): void;
  onCommitted(): void;
  /** Another kernel has something to be sent. */
  attend(): void;
  initRemoteComms(options: RemoteCommsOptions): Promise<RemoteCommsStatus>;
  registerLocationHints(
    peerId: string,
    hints: readonly string[],
  ): Promise<void>;
  /** Undefined until it was asked for. */
  status(): RemoteCommsStatus | undefined;
  /** The object that a token stands for there. */
  redeem(
    peerId: string,
    hints: readonly string[],
    token: string,
  ): Promise<KRef>;
  thirdParties: ThirdParties;
  peerIdOf(remote: string): string | undefined;
  isConnected(remote: RemoteId): boolean;
  /** Nothing is known any more of any other kernel. */
  forgetAll(): void;
  /** Takes up what an earlier daemon was told. */
  recover(): void;
  stop(): Promise<void>;
}>;

export const makeRemotes = (
  context: KernelContext,
  {
    grants,
    clients,
    urls,
  }: Readonly<{ grants: Grants; clients: Clients; urls: OcapUrls }>,
): Remotes => {
  const { store, outbox, powers } = context;
  const { peers: transport } = powers;
  const book = makeRemoteBook(context, grants, {
    forgotten: (id, reason) => {
      links.onForgotten(id, reason);
      urls.unvouchAll(id);
    },
    isConnected: (id) => links.peer(id).line !== undefined,
    begunAnew: (id) => reach.retryNow(links.peer(id)),
  });
  const thirdParties = makeThirdParties(context, {
    book,
    urls,
    established: async (id, isNew) => established(id, isNew),
  });
  const embargo = makeEmbargo(context, {
    roundTrip: async (id) => clients.call(book.gateOf(id), 'sync', []),
    emptied: thirdParties.shortcuts.emptied,
  });
  const links = makeRemoteLinks(
    context,
    book,
    {
      out: makeFramesOut(context, thirdParties.onPassed),
      in: makeFramesIn(context, embargo),
    },
    {
      lineWanted: (peer) => reach.reach(peer),
      lineLost: (peer, opener) => reach.onLost(peer, opener),
    },
  );

  const comms = makeRemoteComms(context, links.onLink, () => {
    for (const id of book.ids()) {
      reach.reach(links.peer(id));
    }
  });

  const reach = makeReach(context, book, comms.started, (id, reason) =>
    links.startAnew(id, reason),
  );

  const retryAll = (): void => {
    for (const id of book.ids()) {
      reach.retryNow(links.peer(id));
    }
  };
  transport.onChange(retryAll);

  const addHints = (id: RemoteId, hints: readonly string[]): void => {
    book.learnHints(id, hints);
    // Whoever names it anew wants to hear of it again.
    book.set(id, { cut: null });
    outbox.touch();
  };

  const established = async (id: RemoteId, isNew: boolean): Promise<void> => {
    try {
      await reach.established(links.peer(id));
    } catch (error) {
      if (isNew && !book.isAcquainted(id)) {
        book.forget(id, 'it was not reached');
      }
      throw error;
    }
  };

  const refOf = (data: CapData<KRef>): KRef => {
    const kref = presenceIn(data);
    if (kref === undefined) {
      throw fail('URL_UNKNOWN');
    }
    return kref;
  };

  const redeemAt = async (id: RemoteId, token: string): Promise<KRef> => {
    const { peerId } = book.row(id);
    try {
      return refOf(await clients.call(book.gateOf(id), 'redeem', [token]));
    } catch (error) {
      const code = codeIn(messageOf(error));
      throw code?.startsWith('URL_') === true
        ? fail('URL_REFUSED', {
            peer: peerId,
            // Without its own code.
            problem: messageOf(error).replace(/ \([A-Z_]+\)$/u, ''),
          })
        : error;
    }
  };

  const statusOf = makePeerStatus(context, book);

  const status = (): RemoteCommsStatus => {
    const problem = comms.problem();
    return {
      peerId: powers.identity().peerId,
      addresses: transport.addresses(),
      ...(problem === undefined ? {} : { problem }),
      peers: [...book.ids()].map((id) => statusOf(links.peer(id))),
    };
  };

  return harden({
    ids: book.ids,
    fill: links.fill,
    onCommitted: links.onCommitted,
    attend: () => outbox.push(() => undefined),
    initRemoteComms: async (options: RemoteCommsOptions) => {
      const now = await comms.startAs(options, () => {
        store.remoteComms.set(JSON.stringify(options));
        return status();
      });
      await outbox.committed();
      retryAll();
      return now;
    },
    registerLocationHints: async (peerId: string, hints: readonly string[]) => {
      const id = book.meet(peerId, { isWanted: true });
      book.set(id, { standing: 'wanted' });
      addHints(id, hints);
      await outbox.committed();
      reach.retryNow(links.peer(id));
    },
    status: () =>
      comms.started() === undefined && comms.problem() === undefined
        ? undefined
        : status(),
    redeem: async (peerId: string, hints: readonly string[], token: string) => {
      await comms.provide();
      const isNew = book.find(peerId) === undefined;
      const id = book.meet(peerId, { isWanted: true });
      addHints(id, hints);
      const release = book.keep(id);
      try {
        await established(id, isNew);
        const kref = await redeemAt(id, token);
        book.set(id, { standing: 'wanted' });
        outbox.touch();
        return kref;
      } finally {
        release();
      }
    },
    isConnected: (remote: RemoteId) => links.peer(remote).line !== undefined,
    thirdParties,
    peerIdOf: (remote: string) => store.remotes.get(remote as RemoteId)?.peerId,
    forgetAll: () => {
      for (const id of book.ids()) {
        book.forget(id, 'the state of the kernel was cleared');
      }
    },
    recover: () => {
      if (store.takeRestored()) {
        // What they have heard since would contradict what is known here.
        for (const id of book.ids()) {
          links.startAnew(id, 'an earlier state was restored here');
        }
      }
      book.recover();
      embargo.recover();
      thirdParties.recover();
      const text = store.remoteComms.get();
      const options: RemoteCommsOptions | undefined =
        text === undefined
          ? [...book.ids()].some(book.isAcquainted)
            ? {}
            : undefined
          : (JSON.parse(text) as RemoteCommsOptions);
      if (options === undefined) {
        return;
      }
      comms.startAgain(options);
    },
    stop: async () => {
      book.stop();
      embargo.stop();
      thirdParties.stop();
      reach.stop();
      links.stop();
      await comms.stop();
    },
  });
};
