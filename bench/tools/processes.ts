/** Processes: how long they take, what memory they hold, what of the processor they use, when they are gone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const MiB = 1024 * 1024;
const PAGE_BYTES = 4096;

export type Ended = Readonly<{ ms: number; stdout: string }>;

/**
 * Runs this very Node with these arguments, from before the start of the
 * process to its end.
 * @throws if it does not end well
 */
export const runNode = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> => {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    env,
    // Ctrl-C is for this program, which waits for what it has started.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const ms = performance.now() - begun;
  if (code !== 0) {
    throw Error(`node ${args.join(' ')} ended with exit code ${code}`);
  }
  return { ms, stdout };
};

/** How long the smallest program takes here. */
export const timeOfEmptyNode = async (): Promise<number> =>
  (await runNode(['-e', '0'])).ms;

/** In MiB: of shared pages its part, where the system tells; else all that is resident. */
export const memoryOf = (pid: number): number => {
  const rollup = tryRead(`/proc/${pid}/smaps_rollup`);
  const pss = /^Pss:\s+(\d+) kB/mu.exec(rollup)?.[1];
  if (pss !== undefined) return Number(pss) / 1024;
  const resident = tryRead(`/proc/${pid}/statm`).split(' ')[1];
  return (Number(resident ?? NaN) * PAGE_BYTES) / MiB;
};

export const childrenOf = (pid: number): number[] =>
  tryRead(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((word) => word.trim() !== '')
    .map(Number);

/**
 * In ms: the processor time of all threads that these processes have; none of one
 * that has just begun, or has ended. Of `/proc/<pid>/stat` the clock ticks a
 * hundred times a second, this one counts nanoseconds.
 * @throws where the system does not tell it
 */
export const processorMsOf = (...pids: readonly number[]): number => {
  const nanos = pids.flatMap((pid) =>
    threadsOf(pid).map((folder) =>
      Number(tryRead(`${folder}/schedstat`).split(' ')[0]),
    ),
  );
  const sum = nanos.reduce((one, other) => one + other, 0) / 1e6;
  if (sum > 0) return sum;
  throw Error('this system does not tell what a process uses');
};

const threadsOf = (pid: number): readonly string[] => {
  const folder = `/proc/${pid}/task`;
  try {
    return readdirSync(folder).map((thread) => `${folder}/${thread}`);
  } catch {
    return []; // as below
  }
};

const tryRead = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone, or a system without /proc
  }
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/mu.test(tryRead(`/proc/${pid}/status`));
  } catch {
    return false;
  }
};

/** Waits until `isDone`. @throws after 10 s (or `ms`), naming `what` it waited for */
export const until = async (
  what: string,
  isDone: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> => {
  for (const end = Date.now() + ms; !(await isDone()); await delay(10)) {
    if (Date.now() > end) throw Error(`waited ${ms} ms in vain for ${what}`);
  }
};

export const untilGone = async (pids: readonly number[]): Promise<void> =>
  until(`the end of ${pids.join(', ')}`, () => !pids.some(isRunning));
