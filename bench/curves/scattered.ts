/** Returns numbers below `size`, far from each other: no cache knows the next one. */
export const scattered = (size: number): (() => number) => {
  let last = 0;
  return () => {
    // A prime: it comes to all of them.
    last = (last + 7_919) % size;
    return last;
  };
};
