/**
 * What has happened to vats, subclusters and grants, for whoever watches. Events
 * are rows, written with what they tell of, so that they are on disk exactly if
 * it is; the newest are kept, and a watcher that comes back asks from where it
 * was.
 */
import harden from '@endo/harden';
import type { Json } from '@ocap/kernel-utils';
import type { Powers } from './powers.ts';
import type { KernelStore } from './store/kernel-store.ts';
import type { EventRow, EventTopic } from './store/rows.ts';

export type Events = Readonly<{
  /** Notes an event with the change that is being made. */
  note(
    topic: EventTopic,
    type: string,
    about: Readonly<Record<string, Json>>,
  ): void;
  /** `listener` hears of each event once its change is kept; not yet on disk. */
  listen(listener: (seq: number, event: EventRow) => void): () => void;
  /** Undefined where it is not kept any more, or has not happened. */
  get(seq: number): EventRow | undefined;
  /** Events after `seq`, oldest first; also those that are not yet on disk. */
  after(seq: number): readonly (readonly [number, EventRow])[];
  /** The number of the newest event; 0 if there was none. */
  newest(): number;
}>;

export const makeEvents = (
  store: KernelStore,
  { epoch, limits }: Pick<Powers, 'epoch' | 'limits'>,
): Events => {
  const listeners = new Set<(seq: number, event: EventRow) => void>();
  return harden({
    note: (
      topic: EventTopic,
      type: string,
      about: Readonly<Record<string, Json>>,
    ) => {
      const seq = store.nextId('event');
      const max = limits.eventTextLength;
      const event = {
        at: Math.floor(epoch()),
        topic,
        type,
        about: cutTexts(about, max),
      };
      store.events.set(seq, event);
      store.events.delete(seq - limits.eventsKept);
      store.whenKept(() => {
        listeners.forEach((listener) => listener(seq, event));
      });
    },
    listen: (listener: (seq: number, event: EventRow) => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    get: store.events.get,
    after: (seq: number) => [...store.scan().events(seq)],
    newest: () => store.lastId('event'),
  });
};

/** A reason may be what a vat has put into an error, at any length. */
const cutTexts = (
  about: Readonly<Record<string, Json>>,
  max: number,
): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(about).map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > max
        ? `${value.slice(0, max)}…`
        : value,
    ]),
  );
