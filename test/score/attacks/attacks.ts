/** All attacks of check 39. Their names are different, and say what a peer does. */
import type { Attack } from './attack.ts';
import { crowds } from './crowds.ts';
import { endlessAttacks } from './endless.ts';
import { forgedFrames } from './forged-frames.ts';
import { gateAttacks } from './gate-attacks.ts';
import { largeFrames } from './large-frames.ts';
import { malformedFrames } from './malformed-frames.ts';

/** A few frames each; several can be played at the same time. */
export const smallAttacks: readonly Attack[] = [
  ...malformedFrames,
  ...forgedFrames,
  ...gateAttacks,
];

/** Each is watched alone; those that may cost most come last. */
export const largeAttacks: readonly Attack[] = [
  ...crowds,
  ...endlessAttacks,
  ...largeFrames,
];

export const attackOf = (name: string): Attack => {
  const found = [...smallAttacks, ...largeAttacks].find(
    (attack) => attack.name === name,
  );
  if (found === undefined) throw Error(`there is no attack "${name}"`);
  return found;
};
