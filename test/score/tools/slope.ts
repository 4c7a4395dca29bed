/** How fast a value grows, whatever single samples say: the estimator of H. Theil (1950) and P. K. Sen (1968). */

export type Sample = Readonly<{ at: number; value: number }>;

/** The median of the slopes of all pairs, per unit of `at`; NaN of fewer than two. */
export const slopeOf = (samples: readonly Sample[]): number => {
  const slopes = samples.flatMap((one, index) =>
    samples
      .slice(index + 1)
      .filter(({ at }) => at !== one.at)
      .map(({ at, value }) => (value - one.value) / (at - one.at)),
  );
  slopes.sort((a, b) => a - b);
  const half = Math.floor(slopes.length / 2);
  const upper = slopes[half] ?? NaN;
  return slopes.length % 2 === 0
    ? ((slopes[half - 1] ?? NaN) + upper) / 2
    : upper;
};

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
