/**
 * What the public doors of a kernel cannot be made to do on purpose: savepoints
 * that are undone and commits that fail. On the real store, with time and
 * commits in the hands of the test.
 */
import './daemon/lockdown.ts';
import { limitValues, type LimitValues } from '@ocap/kernel-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeEventWatches } from '../../kernel/src/event-watches.ts';
import { makeEvents, type Events } from '../../kernel/src/events.ts';
import { makeOutbox } from '../../kernel/src/outbox.ts';
import { makeKernelStore } from '../../kernel/src/store/kernel-store.ts';
import type { Kernel, KernelStore, Powers, Watch } from '@ocap/kernel';
import { openSqliteBackend } from './store/sqlite-backend.ts';

type Scene = Readonly<{
  store: KernelStore;
  events: Events;
  watchEvents: Kernel['watchEvents'];
  watch: Watch<unknown>;
  /** How often a commit was asked for. */
  turns(): number;
  /** What the one watcher was told: the `n` of each event. */
  told: unknown[];
  /** Called in the moment in which the watcher is told. */
  onTold: { current: (n: unknown) => void };
  /** Commits, and what is released may act. */
  commit(): void;
  fatal: unknown[];
  failCommits(): void;
}>;

/** Watches from the beginning. */
const openScene = async (limits: Partial<LimitValues> = {}): Promise<Scene> => {
  const store = makeKernelStore(openSqliteBackend(':memory:'));
  onTestFinished(() => store.close());
  const fatal: unknown[] = [];
  let fails = false;
  let turns = 0;
  let turn: (() => void) | undefined;
  const powers = {
    limits: limitValues(limits),
    epoch: () => 1000,
    now: () => 0,
    // Only the test commits.
    nextTurn: (task: () => void) => {
      turns += 1;
      turn = task;
    },
    after: () => () => undefined,
    fatal: (error: unknown) => void fatal.push(error),
  } as unknown as Powers;
  const outbox = makeOutbox({
    commit: () => {
      if (fails) throw new Error('the disk is gone');
      return store.commit();
    },
    isBusy: () => false,
    counts: { commits: 0, commitMs: 0 },
    onRoom: () => undefined,
    onInterrupted: () => undefined,
    powers,
  });
  const commit = (): void => {
    const task = turn ?? outbox.flush;
    turn = undefined;
    task();
  };
  const events = makeEvents(store, powers);
  const { watchEvents } = makeEventWatches({ events, outbox, powers });
  const told: unknown[] = [];
  const onTold: Scene['onTold'] = { current: () => undefined };
  const watching = watchEvents({ topics: ['vat'] }, ({ about: { n } }) => {
    told.push(n);
    onTold.current(n);
  });
  commit();
  const watch = await watching;
  watch.begin();
  return {
    store,
    events,
    watchEvents,
    watch,
    turns: () => turns,
    told,
    onTold,
    commit,
    fatal,
    failCommits: () => {
      fails = true;
    },
  };
};

const undo = (store: KernelStore, body: () => void): void => {
  expect(() =>
    store.savepoint(() => {
      body();
      throw new Error('undo');
    }),
  ).toThrow('undo');
};

describe('events (V-25)', () => {
  it('of a savepoint that is undone are never told, and leave no hole', async () => {
    const { store, events, told, commit } = await openScene();
    const note = (n: number): void => events.note('vat', 'x', { n });
    note(1);
    undo(store, () => note(2));
    store.savepoint(() => {
      note(3);
      undo(store, () => note(4));
      note(5);
    });
    commit();
    undo(store, () => note(6));
    commit();
    note(7);
    commit();
    expect(told).toStrictEqual([1, 3, 5, 7]);
    expect(events.after(0).map(([seq]) => seq)).toStrictEqual([1, 2, 3, 4]);
  });

  it('are told by the commit that covers them, and by no earlier one', async () => {
    const { store, events, told, commit, onTold } = await openScene();
    store.savepoint(() => {
      events.note('vat', 'x', { n: 1 });
    });
    expect(told).toStrictEqual([]);
    commit();
    expect(told).toStrictEqual([1]);
    // What is noted while the outbox is emptied waits for the commit after.
    onTold.current = (n) => {
      if (n === 2) events.note('vat', 'x', { n: 3 });
    };
    events.note('vat', 'x', { n: 2 });
    commit();
    expect(told).toStrictEqual([1, 2]);
    commit();
    expect(told).toStrictEqual([1, 2, 3]);
  });

  it('are told to a latecomer as far as they are on disk', async () => {
    const { events, watchEvents, commit } = await openScene();
    events.note('vat', 'x', { n: 1 });
    const told: unknown[] = [];
    const options = { topics: ['vat'], from: { seq: 0 } } as const;
    const watching = watchEvents(options, ({ about: { n } }) => {
      told.push(n);
    });
    events.note('vat', 'x', { n: 2 });
    commit();
    const watch = await watching;
    events.note('vat', 'x', { n: 3 });
    // Whatever happens: not before it has begun.
    expect(told).toStrictEqual([]);
    watch.begin();
    expect(told).toStrictEqual([1, 2]);
    commit();
    expect(told).toStrictEqual([1, 2, 3]);
  });

  it('have a place only once they are on disk', async () => {
    const { events, watchEvents, commit } = await openScene();
    events.note('vat', 'x', { n: 1 });
    let place: unknown;
    const watching = watchEvents({ topics: ['vat'] }, () => undefined);
    void watching.then(({ from }) => {
      place = from;
    });
    await new Promise(setImmediate);
    expect(place).toBeUndefined();
    commit();
    await watching;
    expect(place).toStrictEqual({ seq: 1, at: 1000 });
  });

  it('ask for no commit while nobody watches', async () => {
    const { events, watch, turns, commit } = await openScene();
    const before = turns();
    events.note('vat', 'x', { n: 1 });
    expect(turns()).toBe(before + 1);
    commit();
    watch.end();
    events.note('vat', 'x', { n: 2 });
    expect(turns()).toBe(before + 1);
  });

  it('are not told where the commit fails', async () => {
    const { events, told, commit, fatal, failCommits } = await openScene();
    events.note('vat', 'x', { n: 1 });
    failCommits();
    commit();
    expect(told).toStrictEqual([]);
    expect(fatal).toHaveLength(1);
  });

  it.each([
    ['as long as the limit stays', 20, 'x'.repeat(20)],
    ['a character longer is cut', 21, `${'x'.repeat(20)}…`],
  ])('with a text %s', async (_title, length, expected) => {
    const { events } = await openScene({ eventTextLength: 20 });
    events.note('vat', 'x', { reason: 'x'.repeat(length), n: 1 });
    expect(events.get(1)?.about).toStrictEqual({ reason: expected, n: 1 });
  });
});
