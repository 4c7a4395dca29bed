/**
 * How long a relay that could not be used is left alone before it is asked
 * again. Nobody is told when it is back, and until then nobody reaches this
 * daemon: so soon, for as long as it is likely to come back, and not in step
 * with the others that have lost the same relay.
 */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 500;

/** After so many attempts, a minute or more, it is not expected back soon. */
const PATIENT_AFTER = 200;
const PATIENT_PAUSE_MS = 15_000;

/** A reservation that lasted so long was a good one: the next attempt is made soon. */
const GOOD_MS = 5000;

/**
 * What counts of the attempts that failed before one that brought a reservation,
 * once that is lost: a relay that was there just now is expected back.
 */
export const failuresBefore = (failures: number, heldMs: number): number =>
  heldMs > GOOD_MS ? 0 : Math.min(failures, 1);

/** In ms; anywhere in the upper half of what doubles with each failure. */
export const relayPauseAfter = (
  failures: number,
  chance: number = Math.random(),
): number => {
  const full =
    failures > PATIENT_AFTER
      ? PATIENT_PAUSE_MS
      : Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
  return full * (0.5 + chance / 2);
};
