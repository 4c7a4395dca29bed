/**
 * What another kernel has passed on to this one and says how to reach without
 * it: the third kernel is connected to, the token redeemed there, and what
 * comes of it takes the place of the object (see shortcuts.ts). If anything of
 * that fails, the object is reached as before.
 */
import harden from '@endo/harden';
import {
  fail,
  isExport,
  isVRef,
  type CapData,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { presenceIn } from '../messages.ts';
import type { Ask } from './gate-calls.ts';
import type { RemoteBook } from './remote-book.ts';
import type { Shortcuts } from './shortcuts.ts';

/** What is said in a hand-off, as it came: nothing of it is believed. */
export type Offer = Readonly<{
  /** The object, as the one who hands it off is called it by: `o+3`. */
  name: string;
  peerId: string;
  hints: readonly string[];
  token: string;
}>;

export type HandOffs = Readonly<{
  /**
   * True once the object is reached without `from`; false if it will not be,
   * because it was known already. Rejects if it could not be reached.
   */
  take(from: RemoteId, offer: Offer): Promise<boolean>;
}>;

const MAX_HINTS = 16;
const isToken = (text: string): boolean => /^[0-9a-f]{64}$/u.test(text);
const isPeerId = (text: string): boolean =>
  /^[1-9A-HJ-NP-Za-km-z]{20,100}$/u.test(text);
const isHint = (text: string): boolean => /^[^,\s]{1,300}$/u.test(text);

const refused = (problem: string): Error =>
  fail('ARGUMENT_INVALID', { problem });

export const makeHandOffs = (
  { store, refs, powers }: Pick<KernelContext, 'store' | 'refs' | 'powers'>,
  book: RemoteBook,
  {
    ask,
    shortcuts,
    connect,
  }: Readonly<{
    ask: Ask;
    shortcuts: Shortcuts;
    /** Resolves when the two know each other; a peer not known before is forgotten if it fails. */
    connect: (peerId: string, hints: readonly string[]) => Promise<RemoteId>;
  }>,
): HandOffs => {
  const underWay = new Map<RemoteId, Map<KRef, Promise<boolean>>>();

  /** The object, if it is what `from` has and has introduced. */
  const objectOf = (from: RemoteId, name: string): KRef => {
    const kref =
      isVRef(name) && isExport(name)
        ? store.clist.krefOf(from, name)
        : undefined;
    const row = kref === undefined ? undefined : store.objects.get(kref);
    if (kref === undefined || row === undefined || row.reachable === 0) {
      throw refused(`nothing that is used here is ${name}`);
    }
    return kref;
  };

  const check = (from: RemoteId, { peerId, hints, token }: Offer): void => {
    if (!isToken(token) || !isPeerId(peerId) || !hints.every(isHint)) {
      throw refused('the offer is malformed');
    }
    if (
      peerId === powers.identity().peerId ||
      peerId === book.row(from).peerId
    ) {
      throw refused('it hands off to one of the two');
    }
    const known = book.find(peerId);
    if (known !== undefined && book.row(known).cut !== null) {
      throw refused(`${peerId} is not listened to here`);
    }
  };

  /** Looks at what the owner has given for the token, while that is held. */
  const begin = (
    from: RemoteId,
    kref: KRef,
    owner: RemoteId,
    answer: CapData<KRef>,
  ): Promise<void> | undefined => {
    const direct = presenceIn(answer);
    if (direct === undefined) {
      throw refused('the token stands for no object');
    }
    if (direct === kref) {
      return Promise.resolve(); // by a hand-off before this one
    }
    const before = store.objects.get(kref);
    if (before?.owner !== from || before.reachable === 0) {
      throw refused('the object is not used any more');
    }
    if (store.clist.get(owner, kref) !== undefined) {
      throw refused('its owner has it from here, and has not given it back');
    }
    return refs.object(direct).owner === owner &&
      shortcuts.canMerge(kref, direct)
      ? shortcuts.begin(kref, from, direct)
      : undefined;
  };

  const take = async (
    from: RemoteId,
    kref: KRef,
    { peerId, hints, token }: Offer,
  ): Promise<boolean> => {
    await shortcuts.of(kref);
    const owner = await connect(peerId, hints.slice(0, MAX_HINTS));
    const { opened } = await ask(
      owner,
      'redeem',
      () => [token],
      // In a record: a promise would be waited for, and hold the answer.
      (answer) => ({ opened: begin(from, kref, owner, answer) }),
    );
    await opened;
    return opened !== undefined;
  };

  const takeOnce = async (
    from: RemoteId,
    kref: KRef,
    offer: Offer,
  ): Promise<boolean> => {
    const all = underWay.get(from) ?? new Map<KRef, Promise<boolean>>();
    const same = all.get(kref);
    if (same !== undefined) {
      return same;
    }
    const max = powers.limits.remoteHandOffs;
    if (all.size >= max) {
      throw fail('LIMIT_REACHED', {
        limit: 'remoteHandOffs',
        value: all.size + 1,
        max,
        unit: 'hand-offs under way',
      });
    }
    underWay.set(from, all);
    const taken = take(from, kref, offer).finally(() => {
      all.delete(kref);
      if (all.size === 0) {
        underWay.delete(from);
      }
    });
    all.set(kref, taken);
    return taken;
  };

  return harden({
    take: async (from: RemoteId, offer: Offer) => {
      check(from, offer);
      const kref = objectOf(from, offer.name);
      return takeOnce(from, kref, offer);
    },
  });
};
