/**
 * What has ended stays known for a while, so that who still uses it is told why
 * it fails; but not for ever.
 */
type Ended = Readonly<{ ended: string | null }>;

/** Of those that have ended all but the newest `max`, by the number in their id. */
export const oldestEnded = <Row extends Ended>(
  rows: Iterable<readonly [string, Row]>,
  max: number,
): readonly (readonly [string, Row])[] => {
  const ended = [...rows]
    .filter(([, row]) => row.ended !== null)
    .sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
  return ended.slice(0, Math.max(0, ended.length - max));
};
