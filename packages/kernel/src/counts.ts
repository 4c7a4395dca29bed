/** What has happened since this kernel began, counted where it happens. */
export type Counts = {
  /** Deliveries to vats that were applied. */
  deliveries: number;
  /** Deliveries of which nothing counts. */
  undone: number;
  commits: number;
  /** Time in which the kernel waited for the disk, in ms. */
  commitMs: number;
};

export const makeCounts = (): Counts => ({
  deliveries: 0,
  undone: 0,
  commits: 0,
  commitMs: 0,
});
