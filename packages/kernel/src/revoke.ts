/** Ends references: one for everybody who has it, the grant of one subcluster, a URL or an access. */
import harden from '@endo/harden';
import type { Accesses } from './access.ts';
import { isGrantId } from './caps.ts';
import type { KernelContext } from './context.ts';
import { REVOKED } from './gone.ts';
import type { Kernel } from './kernel-api.ts';
import { isAccessId, type Names } from './names.ts';
import { isUrlId, type OcapUrls } from './ocap-urls.ts';

export const makeRevoke = (
  {
    store,
    refs,
    caps,
    events,
    outbox,
  }: Pick<KernelContext, 'store' | 'refs' | 'caps' | 'events' | 'outbox'>,
  {
    names,
    urls,
    accesses,
  }: Readonly<{ names: Names; urls: OcapUrls; accesses: Accesses }>,
): Pick<Kernel, 'revoke' | 'isRevoked'> => {
  const revokeObject = (target: string): void => {
    const ref = names.insistObject(target);
    store.savepoint(() => {
      store.objects.set(ref, { ...refs.object(ref), gone: REVOKED });
      events.note('grant', 'revoked', { ref });
    });
  };
  const revokeGrant = (grant: string): void => {
    const ref = caps.revoke(grant);
    events.note('grant', 'revoked', { grant, ref });
  };
  return harden({
    revoke: async (target: string) => {
      if (isGrantId(target)) {
        revokeGrant(target);
      } else if (isUrlId(target)) {
        const ref = urls.revoke(target);
        events.note('grant', 'revoked', { url: target, ref });
      } else if (isAccessId(target)) {
        const { kind } = accesses.revoke(target);
        events.note('grant', 'revoked', { access: target, kind });
      } else {
        revokeObject(target);
      }
      return outbox.committed();
    },
    isRevoked: (target: string) => {
      if (isGrantId(target)) {
        return caps.isRevoked(target);
      }
      if (isAccessId(target)) {
        return accesses.isRevoked(target);
      }
      return isUrlId(target)
        ? urls.isRevoked(target)
        : refs.object(names.insistObject(target)).gone === REVOKED;
    },
  });
};
