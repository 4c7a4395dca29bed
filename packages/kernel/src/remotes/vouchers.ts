/**
 * Objects of this kernel that another one has passed to a third: the third
 * redeems a token here and has the object directly, as from the one who passed
 * it on. What came so ends when that one says so: because it has taken the
 * object back, or because it was given the object back and answers for it no
 * more.
 */
import harden from '@endo/harden';
import {
  fail,
  isExport,
  isRemoteId,
  type KRef,
  type RemoteId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type { OcapUrls } from '../ocap-urls.ts';
import type { Giver } from '../store/rows.ts';

export type Vouchers = Readonly<{
  vouch(issuer: RemoteId, kref: KRef, peer: string, hash: string): void;
  unvouch(issuer: RemoteId, hash: string, isRevoked: boolean): void;
  /** The object that the token stands for, and who it is from. */
  redeem(
    token: string,
    peer: Readonly<{ id: RemoteId; peerId: string }> | undefined,
  ): Readonly<{ kref: KRef; issuer: Giver }>;
}>;

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/u.test(text);

export const makeVouchers = (
  {
    store,
    refs,
    caps,
    events,
    outbox,
  }: Pick<KernelContext, 'store' | 'refs' | 'caps' | 'events' | 'outbox'>,
  urls: OcapUrls,
): Vouchers => {
  const { clist, remotes } = store;

  events.listen((_seq, { topic, type, about }) => {
    const remote = about['remote'];
    if (topic === 'remote' && type === 'started anew' && isRemoteId(remote)) {
      urls.unvouchAll(remote);
      urls.unvouchFor(remotes.get(remote)?.peerId ?? '');
      outbox.touch();
    }
  });

  /** From here on it has the object, whether it has heard of that or not. */
  const give = (
    peer: RemoteId,
    kref: KRef,
    by: Readonly<{ giver: RemoteId; voucher: string }>,
  ): void =>
    store.savepoint(() => {
      const has = clist.get(peer, kref)?.reachable === true;
      const ref = refs.toVat(peer, kref);
      if (!isExport(ref) && (!has || caps.isBarred(peer, kref))) {
        caps.recordVouched(peer, kref, by);
      }
    });

  /**
   * It has given the object back to the one who vouched, so that it has none of
   * this any more. One that is honest has given it back here as well.
   */
  const takeBack = (peer: RemoteId, kref: KRef): void =>
    store.savepoint(() => {
      const entry = clist.get(peer, kref);
      if (entry !== undefined && !isExport(entry.vref)) {
        refs.retireImport(peer, entry.vref);
      }
      refs.collect();
    });

  return harden({
    vouch: (issuer: RemoteId, kref: KRef, peer: string, hash: string) => {
      const { owner } = refs.object(kref);
      if (!isHash(hash) || owner === issuer) {
        const problem = 'there is nothing to vouch for';
        throw fail('ARGUMENT_INVALID', { problem });
      }
      urls.vouch(kref, { issuer, peer, hash });
      outbox.touch();
    },
    unvouch: (issuer: RemoteId, hash: string, isRevoked: boolean) => {
      urls.unvouch(hash, issuer);
      const how = isRevoked ? 'revoked' : 'returned';
      const ended = caps.endVouched(hash, issuer, how);
      if (ended !== undefined && isRevoked) {
        const { peerId } = remotes.get(issuer) ?? {};
        events.note('grant', 'revoked', {
          ref: ended.kref,
          ...(peerId === undefined ? {} : { by: peerId }),
        });
      } else if (ended?.isLast === true) {
        takeBack(ended.peer, ended.kref);
      }
      outbox.touch();
    },
    redeem: (
      token: string,
      peer: Readonly<{ id: RemoteId; peerId: string }> | undefined,
    ) => {
      const { kref, issuer, hash } = urls.redeemToken(token, peer?.peerId);
      if (peer !== undefined && isRemoteId(issuer)) {
        give(peer.id, kref, { giver: issuer, voucher: hash });
      }
      return { kref, issuer };
    },
  });
};
