/**
 * Bytes that the heap of this process holds, garbage included, but without what V8
 * makes of the program itself the longer it runs: that ends with the program.
 */
export const dataOnHeap = (): number =>
  // Not imported: few processes ask, and all of them start.
  process
    .getBuiltinModule('node:v8')
    .getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !/code|trusted/u.test(name))
    .reduce((sum, { space_used_size: used }) => sum + used, 0);
