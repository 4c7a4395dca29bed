/**
 * The same probes where nothing holds them back: in a context of `node:vm`, and
 * in the realm of the host with some names hidden, as simple sandboxes do it. If
 * they are not seen to succeed there, it says nothing that they are not seen to
 * succeed in a vat.
 */
import { Worker } from 'node:worker_threads';
import type { Gain, Probe } from './probe.ts';

/** The realm of the host with names hidden, or a context of `node:vm`. */
export type Place = 'realm' | 'context';

type Gains = readonly Gain[];

const program = new URL('without-walls-worker.ts', import.meta.url);
const AT_ONCE = 2;
const PATIENCE_MS = 10_000;

/** By their names. Each runs in a thread of its own, of which nothing is left. */
export const gainsWithoutWalls = async (
  probes: readonly Probe[],
): Promise<ReadonlyMap<string, Gains>> => {
  const gained = new Map<string, Gains>();
  const left = [...probes];
  const lane = async (): Promise<void> => {
    for (let probe = left.shift(); probe !== undefined; probe = left.shift()) {
      gained.set(probe.name, await gainsOf(probe));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return gained;
};

/** In the first of the places in which it gains what it is for. */
const gainsOf = async ({ code, gains }: Probe): Promise<Gains> => {
  const inRealm = await gainsIn('realm', code);
  if (inRealm.includes(gains)) return inRealm;
  return [...inRealm, ...(await gainsIn('context', code))];
};

const gainsIn = async (place: Place, code: string): Promise<Gains> => {
  const worker = new Worker(program, {
    workerData: { code, place },
    stdout: true,
    stderr: true,
  });
  const { promise, resolve } = Promise.withResolvers<Gains>();
  // A probe may well break the thread in which it succeeds.
  worker.once('error', () => resolve([]));
  worker.once('exit', () => resolve([]));
  worker.once('message', resolve);
  const late = setTimeout(() => resolve([]), PATIENCE_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
};
