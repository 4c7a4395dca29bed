/** How many calls a second, with a given number of them in flight all the time. */
export const rate = async (
  calls: number,
  inFlight: number,
  call: () => unknown,
): Promise<number> => {
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (calls / (performance.now() - begun)) * 1000;
};
