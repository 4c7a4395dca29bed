/** The three numbers that stand for many. */
export type Summary = Readonly<{ median: number; min: number; max: number }>;

/** Of at least one value. */
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
