/** The few numbers that stand for many. */
export type Summary = Readonly<{ median: number; min: number; max: number }>;

/** All of them NaN if there is no value. */
export const summarize = (values: readonly number[]): Summary => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const half = sorted.length >> 1;
  return {
    median: sorted.length % 2 ? at(half) : (at(half - 1) + at(half)) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
};

/** The least value that so many per cent of all do not exceed. Of at least one value. */
export const percentile = (
  values: readonly number[],
  percent: number,
): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? NaN;
};
