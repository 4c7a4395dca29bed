/**
 * What others notice of an operation that is large: the longest of the durable
 * calls of another vat while it goes on, beside the longest of as many seconds
 * without it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { counters } from '../tools/counters.ts';
import { withDaemon, type Daemon } from '../tools/daemon.ts';
import { interleave } from '../tools/interleave.ts';
import type { Bench, Row } from '../tools/row.ts';

/** Between two calls, in ms: others have the machine as well. */
const PAUSE_MS = 2;
/** As long as a person takes for at once. */
const AT_MOST_MS = 100;

/** A large thing to be done, more than once; some make it first. */
type Operation = Readonly<{
  id: string;
  title: string;
  rounds: readonly [quick: number, full: number];
  /** Returns what makes the next one ready, and then does it. */
  open(
    daemon: Daemon,
    bench: Bench,
  ): Promise<() => Promise<() => Promise<unknown>>>;
}>;

/** The longest call, in ms, from now until `work` is done. */
const longestBeside = async (
  call: () => Promise<unknown>,
  work: () => Promise<unknown>,
): Promise<number> => {
  let done = false;
  const working = work().finally(() => {
    done = true;
  });
  let longest = 0;
  // At least one, and the last begins before the end: what it has waited for counts.
  do {
    const begun = performance.now();
    await call();
    longest = Math.max(longest, performance.now() - begun);
    await delay(PAUSE_MS);
  } while (!done);
  await working;
  return longest;
};

const makeRow = ({ id, title, rounds, open }: Operation): Row => ({
  id: `beside-${id}`,
  title: `longest durable call of another vat while ${title}`,
  floor: 'in the same time with nothing beside',
  unit: 'ms',
  goal: { kind: 'target', of: 'ours', atMost: AT_MOST_MS },
  measure: async (bench) =>
    withDaemon(bench.workspace, async (daemon) => {
      const { rootKref } = await daemon.launch(
        await counters(bench.workspace, 1, 'own'),
      );
      const call = async (): Promise<unknown> =>
        daemon.call('queueMessage', [rootKref, 'increment', []]);
      const prepare = await open(daemon, bench);
      let tookMs = 0;
      return interleave({
        rounds: bench.amount(...rounds),
        warmUps: 1,
        ours: async () => {
          const work = await prepare();
          await daemon.settle();
          const begun = performance.now();
          const longest = await longestBeside(call, work);
          tookMs = performance.now() - begun;
          return longest;
        },
        floor: async () => {
          await daemon.settle();
          return longestBeside(call, async () => delay(tookMs));
        },
      });
    }),
});

/** Entries and bytes that one delivery may write. */
const ENTRIES_OF_CALL = 2000;
const TEXTS_OF_CALL = 250;
const TEXT_BYTES = 4000;
const OBJECTS_OF_CALL = 500;
const MB = TEXTS_OF_CALL * TEXT_BYTES;

const launchOne = async (
  daemon: Daemon,
  { workspace }: Bench,
  name: 'map' | 'filler' | 'echo',
) =>
  daemon.launch({
    bootstrap: 'main',
    vats: {
      main: { bundleSpec: await workspace.bundle(name), placement: 'own' },
    },
  });

/** A daemon with so many megabytes, and the vat that has them. */
const fill = async (
  daemon: Daemon,
  bench: Bench,
  megabytes: number,
): Promise<() => Promise<unknown>> => {
  const { rootKref } = await launchOne(daemon, bench, 'filler');
  const fillOne = async (): Promise<unknown> =>
    daemon.call('queueMessage', [
      rootKref,
      'fill',
      [TEXTS_OF_CALL, TEXT_BYTES],
    ]);
  for (let i = 0; i < megabytes; i += 1) await fillOne();
  return fillOne;
};

/** Looked at in a process of its own, now and then. */
const untilNone = async (daemon: Daemon, sql: string): Promise<void> => {
  while (((await daemon.call('executeDBQuery', [sql])) as []).length > 0) {
    await delay(100);
  }
};

const operations: readonly Operation[] = [
  {
    id: 'terminate',
    title: 'a vat with a million entries (quick: 20,000) is terminated',
    rounds: [1, 2],
    open: async (daemon, bench) => async () => {
      const { subclusterId, rootKref, vats } = await launchOne(
        daemon,
        bench,
        'map',
      );
      const entries = bench.amount(20_000, 1_000_000);
      for (let i = 0; i < entries; i += ENTRIES_OF_CALL) {
        await daemon.call('queueMessage', [
          rootKref,
          'fill',
          [ENTRIES_OF_CALL],
        ]);
      }
      return async () => {
        await daemon.call('terminateSubcluster', [subclusterId]);
        // Its rows go afterwards, a slice at a time.
        const rows = `SELECT 1 FROM vatstore WHERE vat_id = '${vats['main']}' LIMIT 1`;
        await untilNone(daemon, rows);
      };
    },
  },
  {
    id: 'backup',
    title: `a backup of 200 MB (quick: 20) is made`,
    rounds: [2, 4],
    open: async (daemon, bench) => {
      await fill(daemon, bench, bench.amount(20, 200));
      return async () => async () =>
        daemon.ocap('daemon', 'backup', '--json', bench.workspace.newPath());
    },
  },
  {
    id: 'checkpoint',
    title: '40 MB are written, and copied from the log into the database',
    rounds: [2, 4],
    open: async (daemon, bench) => {
      const fillOne = await fill(daemon, bench, 1);
      return async () => async () => {
        for (let i = 0; i < 40; i += 1) await fillOne();
      };
    },
  },
  {
    id: 'writes',
    title: 'one delivery writes 50,000 entries (quick: 10,000)',
    rounds: [2, 4],
    open: async (daemon, bench) => {
      const { rootKref } = await launchOne(daemon, bench, 'map');
      const args = [bench.amount(10_000, 50_000)];
      return async () => async () =>
        daemon.call('queueMessage', [rootKref, 'fill', args]);
    },
  },
  {
    id: 'collection',
    title: 'a vat lets go of 50,000 objects of another (quick: 10,000)',
    rounds: [2, 4],
    open: async (daemon, bench) => {
      const bundleSpec = await bench.workspace.bundle('hoarder');
      const { rootKref, vats } = await daemon.launch({
        bootstrap: 'hoarder',
        vats: {
          hoarder: { bundleSpec, placement: 'own' },
          maker: { bundleSpec, placement: 'own' },
        },
      });
      const ask = async (method: string, args: number[]): Promise<unknown> =>
        daemon.call('queueMessage', [rootKref, method, args]);
      const rows = `SELECT 1 FROM clist WHERE endpoint = '${vats['hoarder']}' LIMIT 1 OFFSET 100`;
      return async () => {
        const objects = bench.amount(10_000, 50_000);
        for (let i = 0; i < objects; i += OBJECTS_OF_CALL) {
          await ask('take', [OBJECTS_OF_CALL]);
        }
        return async () => {
          await ask('drop', []);
          await daemon.call('collectGarbage');
          await untilNone(daemon, rows);
        };
      };
    },
  },
  {
    id: 'message',
    title: 'messages of 1 MB go to a third one and back',
    rounds: [3, 6],
    open: async (daemon, bench) => {
      const { rootKref } = await launchOne(daemon, bench, 'echo');
      const params = [rootKref, 'echo', ['text '.repeat(MB / 5)]];
      return async () => async () => {
        for (let i = 0; i < 20; i += 1)
          await daemon.call('queueMessage', params);
      };
    },
  },
  {
    id: 'status',
    title: 'the status of 10,000 vats (quick: 500) is asked for',
    rounds: [3, 6],
    open: async (daemon, bench) => {
      const vats = bench.amount(500, 10_000);
      for (let i = 0; i < vats; i += 100) {
        await daemon.launch(await counters(bench.workspace, 100, 'shared'));
      }
      return async () => async () => {
        for (let i = 0; i < 5; i += 1) await daemon.getStatus();
      };
    },
  },
];

export const besideRows: readonly Row[] = operations.map(makeRow);
