/** What all curves measure, and what they claim. */
import type { Figure } from '../tools/curve.ts';
import type { Daemon } from '../tools/daemon.ts';
import { processorMicros } from '../tools/processor-micros.ts';
import { rate } from '../tools/rate.ts';

/** Steadier than a rate: what else the machine does hardly shows. The rest is for noise. */
export const flat = {
  unit: 'µs',
  goal: { kind: 'target', of: 'ratio', atMost: 1.5 },
} as const satisfies Omit<Figure, 'title'>;

const start: Figure = {
  title: 'start of a daemon, to the first answer of a vat',
  unit: 'ms',
  goal: { kind: 'target', of: 'ours', atMost: 1000 },
};

/** The same without what else the machine does. */
const startCpu: Figure = {
  title: 'processor time of that',
  unit: 'ms',
  goal: { kind: 'target', of: 'ratio', atMost: 3 },
};

const memory: Figure = {
  title: 'memory of the daemon after that',
  unit: 'MiB',
  goal: { kind: 'target', of: 'ours', atMost: 300 },
};

/** Of whatever a daemon is started anew with. */
export const afterStart = { start, 'start-cpu': startCpu, memory } as const;

export type AfterStart = Readonly<
  Record<'start' | 'start-cpu' | 'memory' | 'call', number>
>;

/** Of a daemon that is started anew for it, after a kill: no vat is awake but those that are called. */
export const measureAfterStart = async (
  daemon: Daemon,
  calls: number,
  call: () => Promise<unknown>,
): Promise<AfterStart> => {
  await daemon.kill();
  const begun = performance.now();
  await daemon.start();
  await call();
  const start = performance.now() - begun;
  const cpu = daemon.processorMs();
  const memory = daemon.memoryMiB();
  const micros = await microsOfCall(daemon, calls, call);
  return { start, 'start-cpu': cpu, memory, call: micros };
};

/** Of one call, of daemon and hosts together; after as many calls that do not count. */
export const microsOfCall = async (
  daemon: Daemon,
  calls: number,
  call: () => Promise<unknown>,
): Promise<number> => {
  await rate(calls, 1, call);
  await daemon.settle();
  return processorMicros(calls, daemon.processorMs, async () =>
    rate(calls, 1, call),
  );
};
