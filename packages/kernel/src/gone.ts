/** Why an object can no longer be called, as an error for whoever tries. */
import { fail, type KRef, type OcapError } from '@ocap/kernel-utils';
import type { ObjectRow } from './store/rows.ts';

/** What stands in `gone` of an object that was revoked; it is never taken back. */
export const REVOKED = 'it was revoked';

/** Undefined for an object that can be called. */
export const goneError = (
  ref: KRef,
  { owner, gone }: ObjectRow,
): OcapError | undefined => {
  if (gone === REVOKED) {
    return fail('OBJECT_REVOKED', { ref });
  }
  return owner === null
    ? fail('OBJECT_GONE', { ref, reason: gone ?? 'nobody can answer for it' })
    : undefined;
};
