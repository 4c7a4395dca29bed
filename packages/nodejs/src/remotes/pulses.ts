/**
 * Which connections still show signs of life. Counted in ticks and not by the
 * clock: after this process itself stood still, what came meanwhile is read
 * before the next tick.
 */
import type { Pulse } from './yamux-guard.ts';

export type Pulses = Readonly<{
  /** The function that is returned ends it. */
  watch(pulse: Pulse): () => void;
  /** Cuts those that were silent for so many ticks. */
  tick(): void;
}>;

export const makePulses = (
  maxSilentTicks: number,
  silenceMs: number,
): Pulses => {
  const pulses = new Set<Pulse>();
  return {
    watch: (pulse) => {
      pulses.add(pulse);
      return () => pulses.delete(pulse);
    },
    tick: () => {
      for (const pulse of pulses) {
        pulse.silentTicks = pulse.isAlive ? 0 : pulse.silentTicks + 1;
        pulse.isAlive = false;
        if (pulse.silentTicks >= maxSilentTicks) {
          pulses.delete(pulse);
          pulse.cut(`nothing was heard of the peer for ${silenceMs / 1000} s`);
        }
      }
    },
  };
};
