/** Ends references: one for everybody who has it, or the grant of one subcluster. */
import harden from '@endo/harden';
import { isGrantId } from './caps.ts';
import type { KernelContext } from './context.ts';
import { REVOKED } from './gone.ts';
import type { Kernel } from './kernel-api.ts';
import type { Names } from './names.ts';

export const makeRevoke = (
  {
    store,
    refs,
    caps,
    events,
    outbox,
  }: Pick<KernelContext, 'store' | 'refs' | 'caps' | 'events' | 'outbox'>,
  names: Names,
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
      } else {
        revokeObject(target);
      }
      return outbox.committed();
    },
    isRevoked: (target: string) =>
      isGrantId(target)
        ? caps.isRevoked(target)
        : refs.object(names.insistObject(target)).gone === REVOKED,
  });
};
