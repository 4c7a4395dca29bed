/**
 * Faults of the kernel that the simulation has found and that still stand. Each
 * is stepped around, so that it hides no other; whoever mends one sets it to
 * false, and every seed must pass again.
 */
export const knownGaps = {
  /**
   * A notification over which a host goes mute, or dies as often as is allowed,
   * is taken off the inbox like a message. But it has no sender to be told: a
   * durable watch never hears how its promise was settled, and what it was to
   * do, such as to take a payment back, is never done.
   */
  notificationsAreDropped: true,
} as const satisfies Record<string, boolean>;
