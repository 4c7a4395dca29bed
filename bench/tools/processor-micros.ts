/** Processor time of one call, in µs. `usedMs` tells what whoever does the work has used so far. */
export const processorMicros = async (
  calls: number,
  usedMs: () => number,
  work: () => Promise<unknown>,
): Promise<number> => {
  const before = usedMs();
  await work();
  return ((usedMs() - before) * 1000) / calls;
};
