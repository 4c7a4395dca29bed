/**
 * What lets an object be passed from kernel to kernel without every further
 * message going the same way: this kernel as the one who introduces two others,
 * as the owner of what was passed on, and as the one who was given it.
 */
import harden from '@endo/harden';
import {
  isRemoteId,
  type EndpointId,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type { OcapUrls } from '../ocap-urls.ts';
import { makeGateCalls, type GateCalls } from './gate-calls.ts';
import { makeHandOffs, type HandOffs } from './hand-off.ts';
import { makeIntroductions } from './introductions.ts';
import type { RemoteBook } from './remote-book.ts';
import { makeShortcuts, type Shortcuts } from './shortcuts.ts';
import { makeVouchers, type Vouchers } from './vouchers.ts';

export type ThirdParties = Readonly<{
  shortcuts: Shortcuts;
  vouchers: Vouchers;
  handOffs: HandOffs;
  /** An object was named to another kernel. Within the savepoint of the frame that does. */
  onPassed(id: RemoteId, kref: KRef): void;
  /** Whoever it was cannot call the object any more. */
  onImportDropped(id: EndpointId, kref: KRef): void;
  /** Whether a call of the kernel's own has settled. */
  onSettled: GateCalls['onSettled'];
  recover(): void;
  stop(): void;
}>;

export const makeThirdParties = (
  context: KernelContext,
  {
    book,
    urls,
    established,
  }: Readonly<{
    book: RemoteBook;
    urls: OcapUrls;
    /** Resolves when there is a link; one that is new and not reached is forgotten. */
    established: (id: RemoteId, isNew: boolean) => Promise<void>;
  }>,
): ThirdParties => {
  const calls = makeGateCalls(context, book.gateOf);
  const shortcuts = makeShortcuts(context, calls.ask);
  const introductions = makeIntroductions(context, calls.ask);

  /** Nobody here has asked for it: where a known peer is, is not learned from others. */
  const connect = async (
    peerId: string,
    hints: readonly string[],
  ): Promise<RemoteId> => {
    const isNew = book.find(peerId) === undefined;
    const id = book.meet(peerId);
    if (book.row(id).hints.length === 0) {
      book.learnHints(id, hints);
    }
    context.outbox.touch();
    const release = book.keep(id);
    try {
      await established(id, isNew);
      if (book.row(id).standing === 'stranger') {
        book.set(id, { standing: 'given' });
      }
    } finally {
      release();
    }
    return id;
  };

  return harden({
    shortcuts,
    vouchers: makeVouchers(context, urls),
    handOffs: makeHandOffs(context, book, {
      ask: calls.ask,
      shortcuts,
      connect,
    }),
    onPassed: introductions.onPassed,
    onImportDropped: (id: EndpointId, kref: KRef) => {
      if (isRemoteId(id)) {
        const how = book.isForgetting(id) ? 'forgotten' : 'returned';
        introductions.onDropped(id, kref, how);
      }
    },
    onSettled: calls.onSettled,
    recover: () => {
      shortcuts.recover();
      introductions.recover();
    },
    stop: () => {
      calls.stop();
      introductions.stop();
    },
  });
};
