/** One cap of the system: its value, and the attack or accident that it stops. */
export type Limit = Readonly<{
  value: number;
  unit: 'bytes' | 'ms' | 'count' | 'levels';
  /** Also what it does not cover. */
  stops: string;
}>;

export const KiB = 1024;
export const MiB = 1024 * KiB;
