/**
 * Object URLs: `ocap:<token>@<peer id>`, a reference to an object as text.
 * Whoever has the URL can have the object, so a token is 256 random bits, and
 * the store knows only its hash: the database does not tell what it was. A URL
 * can end at a time, after a number of redemptions, or when it is revoked, and
 * then says so.
 */
import harden from '@endo/harden';
import { fail, isRemoteId, type KRef, type RemoteId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { oldestEnded } from './ended-rows.ts';
import { makeGuesses } from './guesses.ts';
import type { IssuedUrl, OcapURLOptions } from './kernel-api.ts';
import type { Giver, UrlRow } from './store/rows.ts';

export type ParsedUrl = Readonly<{
  token: string;
  /** Undefined for one of this kernel itself. */
  elsewhere?: Readonly<{ peerId: string; hints: readonly string[] }>;
}>;

export type OcapUrls = Readonly<{
  issue(kref: KRef, issuer: Giver, options?: OcapURLOptions): IssuedUrl;
  /**
   * Lets `peer` have the object as from another kernel, which chose the token
   * and has told only its hash. Asked again it is the same.
   * @throws OBJECT_REVOKED, LIMIT_REACHED
   */
  vouch(
    kref: KRef,
    by: Readonly<{ issuer: RemoteId; peer: string; hash: string }>,
  ): void;
  unvouch(hash: string, issuer: RemoteId): void;
  /** Whoever has vouched is not known any more, or met anew. */
  unvouchAll(issuer: RemoteId): void;
  /** Nobody has the tokens any more that this peer was to have. */
  unvouchFor(peer: string): void;
  /** The object, and who it is from. @throws URL_UNKNOWN, URL_ENDED, LIMIT_REACHED */
  redeemToken(
    token: string,
    /** The peer that asks; undefined for whoever is here. */
    peer?: string,
  ): Readonly<{ kref: KRef; issuer: Giver; hash: string }>;
  /** @throws URL_INVALID */
  parse(url: string): ParsedUrl;
  revoke(id: string): KRef;
  isRevoked(id: string): boolean;
  /** Ends those whose time is over, and forgets those that ended long ago; all at once, so there is never more. */
  expire(): boolean;
  /** Takes up those of an earlier daemon. */
  recover(): void;
}>;

const TOKEN_BYTES = 32;
/** Addresses in a URL; more would only make it longer. */
const MAX_HINTS = 6;
const form =
  /^ocap:([0-9a-f]{64})@([1-9A-HJ-NP-Za-km-z]{20,100})((?:,[^,\s]{1,500}){0,32})$/u;

/** Those that lead from elsewhere first, and one through a relay among them. */
const mostUseful = (addresses: readonly string[]): readonly string[] => {
  const rank = (address: string): number =>
    isLocal.test(address) ? 3 : address.includes('/p2p-circuit') ? 1 : 2;
  return addresses.toSorted((x, y) => rank(x) - rank(y));
};

const isLocal = /^\/(?:ip4\/127\.|ip6\/::1\/|dns4?\/localhost\/)/u;

export const isUrlId = (text: string): boolean => /^u[1-9]\d*$/u.test(text);

export const makeOcapUrls = ({
  store,
  refs,
  caps,
  outbox,
  powers,
}: Pick<
  KernelContext,
  'store' | 'refs' | 'caps' | 'outbox' | 'powers'
>): OcapUrls => {
  const ids = new Map<string, string>();
  const vouched = new Map<RemoteId, Set<string>>();
  const countGuess = makeGuesses(powers, 'urlGuesses', 'unknown URLs a minute');

  const learn = (id: string, { tokenHash, issuer }: UrlRow): void => {
    ids.set(tokenHash, id);
    if (isRemoteId(issuer)) {
      vouched.set(issuer, (vouched.get(issuer) ?? new Set()).add(tokenHash));
    }
  };

  /** Within a savepoint. */
  const add = (row: UrlRow): string => {
    const id = `u${store.nextId('url')}`;
    store.urls.set(id, row);
    refs.hold(row.kref);
    store.whenKept(() => learn(id, row));
    return id;
  };

  const unvouch = (hash: string, issuer: RemoteId): void => {
    const id = ids.get(hash);
    const row = id === undefined ? undefined : store.urls.get(id);
    if (id !== undefined && row?.issuer === issuer) {
      store.savepoint(() => {
        store.urls.delete(id);
        refs.release(row.kref);
        refs.collect();
      });
      ids.delete(hash);
      vouched.get(issuer)?.delete(hash);
    }
  };

  const insistRow = (id: string): UrlRow => {
    const row = store.urls.get(id);
    if (row === undefined) {
      throw fail('GRANT_UNKNOWN', { grant: id });
    }
    return row;
  };

  /** It stays known, so that who redeems it is told why it fails. */
  const end = (id: string, row: UrlRow, ended: string): void => {
    store.urls.set(id, { ...row, ended });
    refs.release(row.kref);
  };

  const isOver = ({ ended, expires }: UrlRow): boolean =>
    ended === null && expires !== null && expires <= powers.epoch();

  const endInTime = (id: string, row: UrlRow): void =>
    store.savepoint(() => {
      end(id, row, 'its time was over');
      refs.collect();
    });

  const redeemRow = (id: string, row: UrlRow): KRef => {
    if (row.ended !== null) {
      throw fail('URL_ENDED', { reason: row.ended });
    }
    if (isOver(row)) {
      endInTime(id, row);
      throw fail('URL_ENDED', { reason: 'its time was over' });
    }
    if (caps.isBarred(row.issuer, row.kref)) {
      throw fail('OBJECT_REVOKED', { ref: row.kref });
    }
    if (row.uses !== null) {
      store.savepoint(() => {
        // Held for whoever gets it now, until they have it.
        const left = Number(row.uses) - 1;
        store.urls.set(id, { ...row, uses: left });
        if (left === 0) {
          end(
            id,
            { ...row, uses: 0 },
            'it was redeemed as often as it could be',
          );
        }
      });
    }
    return row.kref;
  };

  return harden({
    issue: (
      kref: KRef,
      issuer: Giver,
      { expires, uses, peer }: OcapURLOptions = {},
    ) => {
      if (caps.isBarred(issuer, kref)) {
        throw fail('OBJECT_REVOKED', { ref: kref });
      }
      const { peerId } = powers.identity();
      const token = powers.randomHex(TOKEN_BYTES);
      const tokenHash = powers.hash(token);
      const id = store.savepoint(() =>
        add({
          tokenHash,
          kref,
          issuer,
          expires: expires ?? null,
          uses: uses ?? null,
          peer: peer ?? null,
          ended: null,
        }),
      );
      outbox.touch();
      const hints = mostUseful(powers.peers.addresses()).slice(0, MAX_HINTS);
      return { id, url: [`ocap:${token}@${peerId}`, ...hints].join(',') };
    },
    vouch: (kref, { issuer, peer, hash: tokenHash }) => {
      if (caps.isBarred(issuer, kref)) {
        throw fail('OBJECT_REVOKED', { ref: kref });
      }
      if (ids.has(tokenHash)) {
        return;
      }
      const value = (vouched.get(issuer)?.size ?? 0) + 1;
      const max = powers.limits.remoteIntroductions;
      if (value > max) {
        const unit = 'objects of one other kernel';
        throw fail('LIMIT_REACHED', {
          limit: 'remoteIntroductions',
          value,
          max,
          unit,
        });
      }
      const open = { expires: null, uses: null, ended: null };
      store.savepoint(() => add({ tokenHash, kref, issuer, peer, ...open }));
    },
    unvouch,
    unvouchAll: (issuer: RemoteId) => {
      [...(vouched.get(issuer) ?? [])].forEach((hash) => unvouch(hash, issuer));
    },
    unvouchFor: (peer: string) => {
      for (const [issuer, hashes] of vouched) {
        for (const hash of [...hashes]) {
          const row = store.urls.get(ids.get(hash) ?? '');
          if (row?.peer === peer) {
            unvouch(hash, issuer);
          }
        }
      }
    },
    parse: (url: string) => {
      const [, token, peerId, hints = ''] = form.exec(url) ?? [];
      if (token === undefined || peerId === undefined) {
        throw fail('URL_INVALID');
      }
      return peerId === powers.identity().peerId
        ? { token }
        : {
            token,
            elsewhere: { peerId, hints: hints.split(',').slice(1) },
          };
    },
    redeemToken: (token: string, peer?: string) => {
      const id = ids.get(powers.hash(token));
      const row = id === undefined ? undefined : store.urls.get(id);
      if (id === undefined || row === undefined) {
        countGuess();
        throw fail('URL_UNKNOWN');
      }
      if (row.peer !== null && row.peer !== peer) {
        throw fail('URL_ENDED', { reason: 'it is for another peer' });
      }
      const kref = redeemRow(id, row);
      outbox.touch();
      return { kref, issuer: row.issuer, hash: row.tokenHash };
    },
    revoke: (id: string) => {
      const row = insistRow(id);
      if (row.ended === null) {
        store.savepoint(() => {
          end(id, row, 'it was revoked');
          refs.collect();
        });
      }
      return row.kref;
    },
    isRevoked: (id: string) => insistRow(id).ended !== null,
    expire: () => {
      for (const [id, row] of [...store.scan().urls()]) {
        if (isOver(row)) endInTime(id, row);
      }
      const rows = oldestEnded(store.scan().urls(), powers.limits.endedKept);
      store.savepoint(() => {
        for (const [id] of rows) store.urls.delete(id);
      });
      for (const [, { tokenHash }] of rows) ids.delete(tokenHash);
      return false;
    },
    recover: () => {
      for (const [id, row] of store.scan().urls()) {
        learn(id, row);
      }
    },
  });
};
