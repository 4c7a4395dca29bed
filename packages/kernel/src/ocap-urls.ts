/**
 * Object URLs: `ocap:<token>@<peer id>`, a reference to an object as text.
 * Whoever has the URL can have the object, so a token is 256 random bits, and
 * the store knows only its hash: the database does not tell what it was. A URL
 * can end at a time, after a number of redemptions, or when it is revoked, and
 * then says so.
 */
import harden from '@endo/harden';
import { fail, type KRef } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { IssuedUrl, OcapURLOptions } from './kernel-api.ts';
import type { Giver, UrlRow } from './store/rows.ts';

export type OcapUrls = Readonly<{
  issue(kref: KRef, issuer: Giver, options?: OcapURLOptions): IssuedUrl;
  /** The object, and who it is from. @throws URL_INVALID, URL_UNKNOWN, URL_ENDED, LIMIT_REACHED */
  redeem(url: string): Readonly<{ kref: KRef; issuer: Giver }>;
  revoke(id: string): KRef;
  isRevoked(id: string): boolean;
  /** Takes up those of an earlier daemon. */
  recover(): void;
}>;

const TOKEN_BYTES = 32;
const form = /^ocap:([0-9a-f]{64})@([1-9A-HJ-NP-Za-km-z]{20,100})(?:,.*)?$/u;
const GUESS_WINDOW_MS = 60_000;

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
  let wrongGuesses: readonly number[] = [];

  /** So many unknown tokens a minute are answered; who guesses gets no further. */
  const countGuess = (): void => {
    const now = powers.now();
    const max = powers.limits.urlGuesses;
    wrongGuesses = wrongGuesses.filter((at) => now - at < GUESS_WINDOW_MS);
    if (wrongGuesses.length >= max) {
      throw fail('LIMIT_REACHED', {
        limit: 'urlGuesses',
        value: wrongGuesses.length + 1,
        max,
        unit: 'unknown URLs a minute',
      });
    }
    wrongGuesses = [...wrongGuesses, now];
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

  const redeemRow = (id: string, row: UrlRow): KRef => {
    if (row.ended !== null) {
      throw fail('URL_ENDED', { reason: row.ended });
    }
    if (row.expires !== null && row.expires <= powers.epoch()) {
      store.savepoint(() => {
        end(id, row, 'its time was over');
        refs.collect();
      });
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
      { expires, uses }: OcapURLOptions = {},
    ) => {
      if (caps.isBarred(issuer, kref)) {
        throw fail('OBJECT_REVOKED', { ref: kref });
      }
      const { peerId } = powers.identity();
      const token = powers.randomHex(TOKEN_BYTES);
      const tokenHash = powers.hash(token);
      const id = store.savepoint(() => {
        const next = `u${store.nextId('url')}`;
        store.urls.set(next, {
          tokenHash,
          kref,
          issuer,
          expires: expires ?? null,
          uses: uses ?? null,
          ended: null,
        });
        refs.hold(kref);
        return next;
      });
      ids.set(tokenHash, id);
      outbox.touch();
      return { id, url: `ocap:${token}@${peerId}` };
    },
    redeem: (url: string) => {
      const [, token, peer] = form.exec(url) ?? [];
      if (token === undefined || peer === undefined) {
        throw fail('URL_INVALID');
      }
      if (peer !== powers.identity().peerId) {
        throw fail('URL_FOREIGN', { peer });
      }
      const id = ids.get(powers.hash(token));
      const row = id === undefined ? undefined : store.urls.get(id);
      if (id === undefined || row === undefined) {
        countGuess();
        throw fail('URL_UNKNOWN');
      }
      const kref = redeemRow(id, row);
      outbox.touch();
      return { kref, issuer: row.issuer };
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
    recover: () => {
      for (const [id, { tokenHash }] of store.scan().urls()) {
        ids.set(tokenHash, id);
      }
    },
  });
};
