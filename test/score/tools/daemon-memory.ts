/** How much memory the process of a daemon has taken at most since it was begun to look. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ScoreDaemon } from './score-daemon.ts';

const MiB = 1024 * 1024;

export type MemoryWatch = Readonly<{
  /** Above what it was at the beginning, in MiB; of now and of the worst moment. */
  growth(): Readonly<{ now: number; peak: number }>;
}>;

/** @throws where the system does not tell (it needs `/proc`) */
export const watchMemory = (daemon: ScoreDaemon): MemoryWatch => {
  const pid = daemon.pid();
  // Forgets the peak of its start: from now on the system keeps a new one.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = read(pid, 'VmRSS');
  return {
    growth: () => ({
      now: read(pid, 'VmRSS') - before,
      peak: read(pid, 'VmHWM') - before,
    }),
  };
};

const read = (pid: number, name: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(
    status,
  )?.[1];
  if (kilobytes === undefined) throw Error(`process ${pid} has no ${name}`);
  return (Number(kilobytes) * 1024) / MiB;
};
