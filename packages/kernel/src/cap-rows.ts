/** What follows from the grants of one object: who may use it, and who may pass it on. */
import type { CapGrant, CapRow, Giver } from './store/rows.ts';

/** What a grant is once it was revoked. */
export const ended = (
  { withdrawn: _, ...grant }: CapGrant,
  withdrawn: boolean,
): CapGrant => ({
  ...grant,
  revoked: true,
  ...(withdrawn ? { withdrawn } : {}),
});

export const isEnded = (row: CapRow | undefined): boolean =>
  row !== undefined && row.every(({ revoked }) => revoked);

/**
 * Everybody who may still pass the object on: whoever has no need of a grant or
 * has dropped what it had, and from there whoever holds a grant that stands.
 * Two who have it only from each other are not among them.
 */
export const stillValid = (
  rows: ReadonlyMap<Giver, CapRow>,
): Readonly<{ has(giver: Giver): boolean }> => {
  const reached = new Set<Giver>();
  const has = (giver: Giver): boolean => !rows.has(giver) || reached.has(giver);
  for (let grew = true; grew;) {
    grew = false;
    for (const [grantee, row] of rows) {
      if (
        !reached.has(grantee) &&
        row.some(({ giver, revoked }) => !revoked && has(giver))
      ) {
        reached.add(grantee);
        grew = true;
      }
    }
  }
  return { has };
};
