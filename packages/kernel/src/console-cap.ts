/**
 * How much of the daemon's log a vat may fill over time. The host caps a
 * delivery; this stands on the daemon's side, where a host that was taken over
 * cannot avoid it, and a vat cannot by having many deliveries.
 */
import type { LimitValues } from '@ocap/kernel-utils';

/** Whether a line of so many characters may be logged now; how many were not since the last that was. */
export type ConsoleCap = (
  /** A vat, or the name of an IO channel. */
  source: string,
  chars: number,
) => Readonly<{ allowed: boolean; suppressed: number }>;

type Bucket = { tokens: number; at: number; suppressed: number };

export const makeConsoleCap = (
  { now }: Readonly<{ now(): number }>,
  { consoleBytesPerSecond: rate, consoleBurstBytes: burst }: LimitValues,
): ConsoleCap => {
  const buckets = new Map<string, Bucket>();
  return (source, chars) => {
    const at = now();
    const before = buckets.get(source) ?? { tokens: burst, at, suppressed: 0 };
    const refilled = before.tokens + ((at - before.at) / 1000) * rate;
    const tokens = Math.min(burst, refilled) - chars;
    const allowed = tokens >= 0;
    buckets.set(source, {
      tokens: allowed ? tokens : tokens + chars,
      at,
      suppressed: allowed ? 0 : before.suppressed + 1,
    });
    return { allowed, suppressed: allowed ? before.suppressed : 0 };
  };
};
