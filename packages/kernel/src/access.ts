/**
 * Access to parts of the RPC surface, by token. As for object URLs, a token is
 * 256 random bits of which the store knows only the hash, and an access says why
 * it has ended. What one may do with it is told in rpc/facets.
 */
import harden from '@endo/harden';
import { fail, ifDefined, isSubclusterId } from '@ocap/kernel-utils';
import type {
  Access,
  AccessControl,
  AccessFacet,
  AccessRequest,
} from './access-api.ts';
import type { KernelContext } from './context.ts';
import { oldestEnded } from './ended-rows.ts';
import { makeGuesses } from './guesses.ts';
import { insistName, type Names } from './names.ts';
import type { AccessRow } from './store/rows.ts';

export type Accesses = Readonly<{
  /** What the kernel offers of it. */
  control: AccessControl;
  /** @throws GRANT_UNKNOWN */
  revoke(id: string): AccessFacet;
  /** @throws GRANT_UNKNOWN */
  isRevoked(id: string): boolean;
  /** Ends those whose time is over, and forgets those that ended long ago; all at once, so there is never more. */
  expire(): boolean;
  forgetAll(): void;
  /** Takes up those of an earlier daemon. */
  recover(): void;
}>;

const TOKEN_BYTES = 32;
const TIME_OVER = 'its time was over';
const REVOKED = 'it was revoked';

export const makeAccesses = (
  {
    store,
    refs,
    outbox,
    powers,
  }: Pick<KernelContext, 'store' | 'refs' | 'outbox' | 'powers'>,
  names: Pick<Names, 'insistObject'>,
): Accesses => {
  const ids = new Map<string, string>();
  const countGuess = makeGuesses(
    powers,
    'accessGuesses',
    'unknown tokens a minute',
  );

  const facetOf = ({ kind, target }: AccessRequest): AccessFacet => {
    if (kind === 'status') {
      if (target !== undefined) {
        throw fail('ARGUMENT_INVALID', { problem: 'status has no target' });
      }
      return { kind };
    }
    if (target === undefined) {
      throw fail('ARGUMENT_INVALID', { problem: `${kind} needs a target` });
    }
    if (kind === 'object') {
      const ref = names.insistObject(target);
      return { kind, ref, ...(ref === target ? {} : { petname: target }) };
    }
    if (
      !isSubclusterId(target) ||
      store.subclusters.get(target) === undefined
    ) {
      throw fail('SUBCLUSTER_UNKNOWN', { subcluster: target });
    }
    return { kind, subclusterId: target };
  };

  const release = ({ facet, ended }: AccessRow): void => {
    if (facet.kind === 'object' && ended === null) {
      refs.release(facet.ref);
    }
  };

  /** It stays known, so that who uses it is told why it fails. */
  const end = (id: string, row: AccessRow, ended: string): void =>
    store.savepoint(() => {
      store.accesses.set(id, { ...row, ended });
      release(row);
      refs.collect();
    });

  /** As it is now: one whose time is over has ended, whether that was noticed or not. */
  const look = (id: string): AccessRow | undefined => {
    const row = store.accesses.get(id);
    const { ended, expires } = row ?? { ended: null, expires: null };
    if (row === undefined || ended !== null) {
      return row;
    }
    if (expires === null || expires > powers.epoch()) {
      return row;
    }
    end(id, row, TIME_OVER);
    outbox.touch();
    return { ...row, ended: TIME_OVER };
  };

  const insistRow = (id: string): AccessRow => {
    const row = look(id);
    if (row === undefined) {
      throw fail('GRANT_UNKNOWN', { grant: id });
    }
    return row;
  };

  const insistOpen = (id: string): AccessRow => {
    const row = look(id);
    const reason = row === undefined ? 'it was forgotten' : row.ended;
    if (row === undefined || reason !== null) {
      throw fail('ACCESS_ENDED', { reason: String(reason) });
    }
    return row;
  };

  const all = (): string[] => [...store.scan().accesses()].map(([id]) => id);

  /** Within a savepoint. */
  const add = (row: AccessRow): string => {
    const id = `a${store.nextId('access')}`;
    store.accesses.set(id, row);
    if (row.facet.kind === 'object') {
      refs.hold(row.facet.ref);
    }
    store.whenKept(() => ids.set(row.tokenHash, id));
    return id;
  };

  const control: AccessControl = {
    grantAccess: async (request) => {
      const facet = facetOf(request);
      const { name = null, expires = null } = request;
      if (name !== null) {
        insistName(name);
      }
      const token = powers.randomHex(TOKEN_BYTES);
      const tokenHash = powers.hash(token);
      const issued = powers.epoch();
      const row = { tokenHash, facet, name, issued, expires, ended: null };
      const id = store.savepoint(() => add(row));
      await outbox.committed();
      return { ...accessOf(id, row), token };
    },
    authorize: (token) => {
      const id = ids.get(powers.hash(token));
      if (id === undefined) {
        countGuess();
        throw fail('ACCESS_UNKNOWN');
      }
      return accessOf(id, insistOpen(id));
    },
    insistAccess: (id) => {
      insistOpen(id);
    },
    listAccesses: () => all().map((id) => accessOf(id, insistRow(id))),
  };

  return harden({
    control,
    revoke: (id: string) => {
      const row = insistRow(id);
      if (row.ended === null) {
        end(id, row, REVOKED);
      }
      return row.facet;
    },
    isRevoked: (id: string) => insistRow(id).ended !== null,
    expire: () => {
      all().forEach(look);
      const { endedKept } = powers.limits;
      const rows = oldestEnded(store.scan().accesses(), endedKept);
      store.savepoint(() => {
        for (const [id] of rows) store.accesses.delete(id);
      });
      for (const [, { tokenHash }] of rows) ids.delete(tokenHash);
      return false;
    },
    forgetAll: () => {
      for (const id of all()) {
        const row = insistRow(id);
        store.savepoint(() => {
          store.accesses.delete(id);
          release(row);
          refs.collect();
        });
      }
      ids.clear();
    },
    recover: () => {
      for (const [id, { tokenHash }] of store.scan().accesses()) {
        ids.set(tokenHash, id);
      }
    },
  });
};

const accessOf = (
  id: string,
  { facet, name, issued, expires, ended }: AccessRow,
): Access => ({
  id,
  facet,
  issued,
  ...ifDefined({
    name: name ?? undefined,
    expires: expires ?? undefined,
    ended: ended ?? undefined,
  }),
});
