/**
 * Who is forgotten when there are too many. Strangers must not keep out those
 * that come after them by what they leave here: only what was given to a peer,
 * or was asked of it, is a reason to keep it.
 */
import type { RemoteId } from '@ocap/kernel-utils';
import type { RemoteRow } from '../store/rows.ts';

type Known = Readonly<{
  id: RemoteId;
  standing: RemoteRow['standing'];
  /** Whether there is anything between the two but their gates. */
  isAcquainted: boolean;
  isConnected: boolean;
  seenAt: number;
}>;

const ranks = { stranger: 0, given: 1, wanted: 2 } as const;

/**
 * Those that are not here go first, then those that came by themselves, then
 * those that were silent for longest. Whoever is wanted here goes only for
 * another who is, and nobody of note goes while anything is shared.
 */
export const leastMissed = (
  known: readonly Known[],
  /** Whether somebody here has named the one that comes. */
  isWanted: boolean,
): RemoteId | undefined => {
  const [first] = known
    .filter(
      (one) =>
        one.standing === 'stranger' ||
        (!one.isAcquainted && (one.standing === 'given' || isWanted)),
    )
    .toSorted(
      (x, y) =>
        Number(x.isConnected) - Number(y.isConnected) ||
        ranks[x.standing] - ranks[y.standing] ||
        x.seenAt - y.seenAt,
    );
  return first?.id;
};
