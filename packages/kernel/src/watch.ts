/** What it is to watch a sequence of events: of the kernel's, or of the daemon's log. */
import type { Json } from '@ocap/kernel-utils';
import type { EventTopic } from './store/rows.ts';

/**
 * A place in the sequence of events: of one who knows this event and all before
 * it. `at` is that of the event, by which a place in another database is noticed.
 */
export type EventPlace = Readonly<{ seq: number; at?: number }>;

/** Something that happened, and the place of who has been told of it. */
export type Occurrence<Place, Topic extends string> = Readonly<{
  place: Place;
  /** Epoch ms. */
  at: number;
  topic: Topic;
  type: string;
  about: Readonly<Record<string, Json>>;
}>;

/** `type` is `gap` where there was more than can be told. */
export type KernelEvent = Occurrence<EventPlace, EventTopic>;

export type Watch<Place> = Readonly<{
  /** The place at which it begins. */
  from: Place;
  /** At once what was before, then what happens: each once, and in order. */
  begin(): void;
  end(): void;
}>;

export type WatchOptions = Readonly<{
  topics: readonly EventTopic[];
  /** Where the watcher was; by default, what happens from now on. */
  from?: EventPlace | 'oldest';
}>;
