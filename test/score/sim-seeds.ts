/**
 * Check 16. The deterministic simulation of three kernels, their disks, hosts
 * and clients, and the network between them, over many seeds, in as many
 * processes as there are processors. One seed in five has a single kernel, in
 * which more happens in as many steps.
 *
 * All of them, by hand, in about an hour: `SIM_ALL=1 node
 * test/score/sim-seeds.ts --full`.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import { parseReports, type Order, type Report } from './tools/sim-reports.ts';

const worker = fileURLToPath(new URL('tools/sim-worker.ts', import.meta.url));

/** Of the board; what of it fits into the time of one run is told. */
const SEEDS = { quick: 300, full: 10_000 };
const STEPS = { quick: 40, full: 500 };
/** Fewer show nothing: then the machine had other things to do. */
const LEAST = { quick: 60, full: 200 };
/** So many seeds are run three times more, above all such as have failed. */
const REPLAYED = { quick: 1, full: 6 };
const TIMES = 3;
/** For the end of what is begun, and for the replays. */
const RESERVE_MS = { quick: 7000, full: 30_000 };

export const check: Check = {
  number: 16,
  id: 'sim-seeds',
  title: 'deterministic simulation over many seeds',
  missing:
    'of the 10,000 seeds × 500 steps a full run does as many as fit into five minutes, beginning with the one that --seed gives (SIM_ALL=1 makes it do all), and a quick run does as many of 300 as fit, with 40 steps each; one seed in five has one kernel, the others three',
  run: async ({ mode, seed, timeLeftMs, note }) => {
    const steps = STEPS[mode];
    const wanted = SEEDS[mode];
    // Every seed of the board is some run's first.
    const first = seed % SEEDS.full;
    const all = process.env['SIM_ALL'] === '1';
    const lanes = availableParallelism();
    const reports = await Promise.all(
      Array.from({ length: lanes }, async (_, lane) =>
        simulateIn({
          seeds: Array.from(
            { length: Math.ceil((wanted - lane) / lanes) },
            (__, i) => 1 + ((first + i * lanes + lane) % SEEDS.full),
          ),
          steps,
          forMs: all ? Infinity : timeLeftMs() - RESERVE_MS[mode],
        }),
      ),
    );
    const runs = reports.flat();
    const three = runs.filter(({ kernels }) => kernels === 3).length;
    note(`${runs.length} seeds, ${three} of them with three kernels`);
    const failing = runs.filter(({ problem }) => problem !== undefined);
    const facts: Fact[] = runs.map(({ seed: one, problem }) => ({
      fact: `seed ${one} × ${steps} steps breaks no promise`,
      holds: problem === undefined,
      found: problem ?? '',
    }));
    const again = [...failing, ...runs].slice(0, REPLAYED[mode]);
    facts.push(...(await replay(again, steps)));
    facts.push({
      fact: `${LEAST[mode]} seeds at least are simulated`,
      holds: runs.length >= LEAST[mode],
      found: runs.length,
    });
    return judge(facts, {
      value: `${runs.length} seeds × ${steps} steps, ${three} with three kernels; ${failing.length} failed`,
      limit: `no invariant broken, it drains, a seed replays ${TIMES} of ${TIMES}`,
    });
  },
};

/** The same seed does the very same again. */
const replay = async (
  runs: readonly Report[],
  steps: number,
): Promise<readonly Fact[]> => {
  const again = await Promise.all(
    Array.from({ length: TIMES }, async () =>
      simulateIn({
        seeds: runs.map(({ seed }) => seed),
        steps,
        forMs: Infinity,
      }),
    ),
  );
  return runs.map(({ seed, hash, problem }, i) => {
    const found = again.map((reports) => reports[i]);
    return {
      fact: `seed ${seed} replays ${TIMES} of ${TIMES}`,
      holds: found.every(
        (report) => report?.hash === hash && report.problem === problem,
      ),
      found: JSON.stringify(found),
    };
  });
};

/** In a process of its own; what it has done when its time is over counts. */
const simulateIn = async (order: Order): Promise<readonly Report[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [worker, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(parseReports(text));
      else reject(Error(`a simulation ended with exit code ${code}`));
    });
  });

await runAlone(import.meta.url, check);
