/** The name that was probably meant: the closest by edit distance, if it is close. */
export const nearestName = (
  wanted: string,
  names: readonly string[],
): string | undefined => {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(wanted, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
};

/** Optimal string alignment: insert, delete, replace, swap neighbours. */
const editDistance = (from: string, to: string): number => {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const at = (di: number, dj: number): number => {
        const source = di === 0 ? row : rows[i - di];
        return source?.[j - dj] ?? Infinity;
      };
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const isSwap =
        i > 1 &&
        j > 1 &&
        from[i - 1] === to[j - 2] &&
        from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          at(1, 0) + 1,
          at(0, 1) + 1,
          at(1, 1) + cost,
          isSwap ? at(2, 2) + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  return rows[from.length]?.[to.length] ?? Infinity;
};
