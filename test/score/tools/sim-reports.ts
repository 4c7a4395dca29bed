/** What a process that simulates is told, and what it tells: a line for each seed. */
export type Order = Readonly<{
  seeds: readonly number[];
  steps: number;
  /** No new seed is begun after so many ms. */
  forMs: number;
}>;

export type Report = Readonly<{
  seed: number;
  kernels: number;
  /** Of all that happened. */
  hash: string;
  problem?: string;
}>;

export const parseReports = (text: string): readonly Report[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Report);
