/** How fast a value grows, whatever single samples say: the estimator of H. Theil (1950) and P. K. Sen (1968). */
import { summarize } from '../../../bench/tools/statistics.ts';

export type Sample = Readonly<{ at: number; value: number }>;

/** The median of the slopes of all pairs, per unit of `at`; NaN of fewer than two. */
export const slopeOf = (samples: readonly Sample[]): number =>
  summarize(slopesOf(samples)).median;

/**
 * The same, with one rise from a sample to the next left out of account, the
 * largest, unless it is by more than this share of the value. A hash table that
 * doubles once is such a rise: in the middle of a series it lies between more
 * than half of all pairs.
 */
export const slopeBesideRise = (
  samples: readonly Sample[],
  share: number,
): number => {
  const rises = samples.map(({ value }, index) => {
    const before = samples[index - 1]?.value ?? value;
    return value - before <= share * before ? value - before : 0;
  });
  const at = rises.indexOf(Math.max(...rises));
  const apart = [samples.slice(0, at), samples.slice(at)];
  return summarize(apart.flatMap(slopesOf)).median;
};

const slopesOf = (samples: readonly Sample[]): readonly number[] =>
  samples.flatMap((one, index) =>
    samples
      .slice(index + 1)
      .filter(({ at }) => at !== one.at)
      .map(({ at, value }) => (value - one.value) / (at - one.at)),
  );

/** Of each so many samples in a row the least: what is left when what was in passing is gone. */
export const minimaOf = (
  samples: readonly Sample[],
  inARow: number,
): readonly Sample[] => {
  const minima: Sample[] = [];
  for (let first = 0; first < samples.length; first += inARow) {
    const some = samples.slice(first, first + inARow);
    if (some.length < inARow) break;
    minima.push(some.reduce((a, b) => (b.value < a.value ? b : a)));
  }
  return minima;
};
