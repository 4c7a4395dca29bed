/**
 * Endpoints are attended to when the event that gave them something to do is
 * over: within it, a savepoint may be open.
 */
import type { OwnerId } from '@ocap/kernel-utils';
import type { Powers } from './powers.ts';

/** Returns what notes that this one may have something to do. */
export const makeAttention = ({
  attend,
  onAttended,
  powers,
}: Readonly<{
  attend: (owner: OwnerId) => void;
  /** Everybody who was waiting for it has been. */
  onAttended: () => void;
  powers: Pick<Powers, 'fatal'>;
}>): ((owner: OwnerId) => void) => {
  const woken = new Set<OwnerId>();
  const attendAll = (): void => {
    for (const owner of woken) {
      woken.delete(owner);
      attend(owner);
    }
    onAttended();
  };
  return (owner) => {
    if (woken.size === 0) {
      void Promise.resolve().then(attendAll).catch(powers.fatal);
    }
    woken.add(owner);
  };
};
