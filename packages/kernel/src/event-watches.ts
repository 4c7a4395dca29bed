/**
 * Tells watchers of events. A watcher has a place in the one sequence of events
 * and is told what follows it, each event once, in order, and only when it is
 * on disk. Rows are read where a watcher has fallen behind; one that is up to
 * date is handed each event as it comes. While nobody watches, nothing is done.
 */
import harden from '@endo/harden';
import type { KernelContext } from './context.ts';
import type { Kernel } from './kernel-api.ts';
import type { EventRow } from './store/rows.ts';
import type { EventPlace, KernelEvent, WatchOptions } from './watch.ts';

export type EventWatches = Readonly<{
  watchEvents: Kernel['watchEvents'];
  /** Nobody is told anything more: the store is about to close. */
  stop(): void;
}>;

type Parts = Pick<KernelContext, 'events' | 'outbox' | 'powers'>;

type Feed = Readonly<{
  begin(): void;
  /** This event is on disk. */
  next(seq: number, event: EventRow): void;
}>;

export const makeEventWatches = (parts: Parts): EventWatches => {
  const { events, outbox } = parts;
  const feeds = new Set<Feed>();
  let stopListening: (() => void) | undefined;
  let stopped = false;
  /** Of the events that a watcher could ask for, the newest that is on disk. */
  let durable = 0;

  const listen = (): void => {
    stopListening ??= events.listen((seq, event) => {
      outbox.push(() => {
        durable = Math.max(durable, seq);
        feeds.forEach((feed) => feed.next(seq, event));
      });
    });
  };

  const forget = (feed: Feed): void => {
    feeds.delete(feed);
    if (feeds.size === 0) {
      stopListening?.();
      stopListening = undefined;
    }
  };

  const watchEvents: Kernel['watchEvents'] = async (options, onEvent) => {
    const newest = events.newest();
    const from = placeOf(options, newest);
    const isOpen = (): boolean => !stopped && feeds.has(feed);
    const feed = makeFeed(parts, {
      options,
      from,
      durable: () => durable,
      onEvent: (event) => {
        if (isOpen()) {
          onEvent(event);
        }
      },
    });
    feeds.add(feed);
    listen();
    // A place that a watcher is told of must be one that a crash does not undo.
    await new Promise<void>((resolve) => {
      outbox.push(() => {
        durable = Math.max(durable, newest);
        resolve();
      });
    });
    return harden({
      from,
      begin: () => {
        if (isOpen()) {
          feed.begin();
        }
      },
      end: () => forget(feed),
    });
  };

  const placeOf = ({ from }: WatchOptions, newest: number): EventPlace => {
    if (from === 'oldest') {
      const [[oldest] = [newest + 1]] = events.after(0);
      return { seq: oldest - 1 };
    }
    const at = events.get(newest)?.at;
    return from ?? { seq: newest, ...(at === undefined ? {} : { at }) };
  };

  return harden({
    watchEvents,
    stop: () => {
      stopped = true;
    },
  });
};

type FeedOptions = Readonly<{
  options: WatchOptions;
  from: EventPlace;
  durable: () => number;
  onEvent: (event: KernelEvent) => void;
}>;

const makeFeed = (
  { events, powers }: Parts,
  { options: { topics, from: given }, from, durable, onEvent }: FeedOptions,
): Feed => {
  /** The watcher has been told of all up to here that it wants to know. */
  let place = from;
  let begun = false;

  const tell = (seq: number, { at, ...event }: EventRow): void => {
    place = { seq, at };
    if (topics.includes(event.topic)) {
      onEvent({ place, at, ...event });
    }
  };

  /** What happened up to here cannot be told any more. */
  const skipTo = (seq: number, reason: string): void => {
    const before = place;
    place = { seq };
    topics.forEach((topic, index) => {
      // Who is cut off between two of these is told all of them once more.
      const isLast = index === topics.length - 1;
      onEvent({
        place: isLast ? place : before,
        at: Math.floor(powers.epoch()),
        topic,
        type: 'gap',
        about: { reason },
      });
    });
  };

  const catchUp = (): void => {
    for (const [seq, event] of events.after(place.seq)) {
      if (seq > durable()) {
        return;
      }
      if (seq !== place.seq + 1) {
        skipTo(seq - 1, FORGOTTEN);
      }
      tell(seq, event);
    }
    if (place.seq < durable()) {
      skipTo(durable(), FORGOTTEN);
    }
  };

  /** Whether the place that was given is one in this database. */
  const isKnown = ({ seq, at }: EventPlace): boolean =>
    seq <= durable() && (at === undefined || events.get(seq)?.at === at);

  return harden({
    begin: () => {
      begun = true;
      if (given !== undefined && !isKnown(from)) {
        const [[oldest] = [durable() + 1]] = events.after(0);
        skipTo(oldest - 1, LOST);
      }
      if (place.seq < durable()) {
        catchUp();
      }
    },
    next: (seq: number, event: EventRow) => {
      if (!begun || seq <= place.seq) {
        return;
      }
      if (seq === place.seq + 1) {
        tell(seq, event);
      } else {
        catchUp();
      }
    },
  });
};

const FORGOTTEN = 'older events are no longer kept';
const LOST =
  'the cursor is older than what is kept, or of another database; what is kept follows';
