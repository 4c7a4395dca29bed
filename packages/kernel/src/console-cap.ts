/**
 * How much of the daemon's log a vat may fill over time. The host caps a
 * delivery; this stands on the daemon's side, where a host that was taken over
 * cannot avoid it, and a vat cannot by having many deliveries.
 */
import type { LimitValues } from '@ocap/kernel-utils';

/** A source is a vat, or the name of an IO channel. */
export type ConsoleCap = Readonly<{
  /** Whether a line of so many characters may be logged now; how many were not since the last that was. */
  take(
    source: string,
    chars: number,
  ): Readonly<{ allowed: boolean; suppressed: number }>;
  /**
   * How many characters it may still write now; undefined if that is plenty. To
   * be told to an honest host: to read what is thrown away takes time from others.
   */
  room(source: string): number | undefined;
}>;

type Bucket = { tokens: number; at: number; suppressed: number };

export const makeConsoleCap = (
  { now }: Readonly<{ now(): number }>,
  { consoleBytesPerSecond: rate, consoleBurstBytes: burst }: LimitValues,
): ConsoleCap => {
  const buckets = new Map<string, Bucket>();
  const refilled = (source: string): Bucket => {
    const at = now();
    const before = buckets.get(source) ?? { tokens: burst, at, suppressed: 0 };
    const tokens = before.tokens + ((at - before.at) / 1000) * rate;
    return { ...before, tokens: Math.min(burst, tokens), at };
  };
  return {
    take: (source, chars) => {
      const bucket = refilled(source);
      const { suppressed } = bucket;
      const allowed = bucket.tokens >= chars;
      if (allowed) {
        bucket.tokens -= chars;
        bucket.suppressed = 0;
      } else {
        bucket.suppressed += 1;
      }
      buckets.set(source, bucket);
      return { allowed, suppressed: allowed ? suppressed : 0 };
    },
    room: (source) => {
      if (!buckets.has(source)) {
        return undefined;
      }
      const { tokens } = refilled(source);
      return tokens < burst / 2 ? Math.floor(tokens) : undefined;
    },
  };
};
