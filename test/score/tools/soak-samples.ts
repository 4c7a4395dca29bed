/** What the process of a daemon has: memory after a collection, descriptors, and the memory of its hosts. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { askInside } from './inside-daemon.ts';
import type { ScoreDaemon } from './score-daemon.ts';

const MiB = 1024 * 1024;

export type SoakSample = Readonly<{
  /** Minutes since the beginning. */
  at: number;
  /** MiB of memory that the system has given it, and of what its heap holds. */
  rss: number;
  heap: number;
  /** MiB of all hosts but the spare one, as the daemon tells it. */
  hosts: number;
  descriptors: number;
}>;

export const takeSample = async (
  daemon: ScoreDaemon,
  { at, aheadMs }: Readonly<{ at: number; aheadMs: number }>,
): Promise<SoakSample> => {
  const { bytes } = await askInside(daemon, aheadMs);
  const { hosts } = await daemon.status();
  const resident = hosts.filter(({ spare }) => !spare);
  return {
    at,
    rss: rssOf(daemon.pid()),
    heap: bytes / MiB,
    hosts: resident.reduce((sum, host) => sum + host.memoryBytes, 0) / MiB,
    descriptors: descriptorsOf(daemon.pid()).length,
  };
};

const rssOf = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(?<kB>\d+) kB$/mu.exec(status)?.groups?.['kB'];
  if (kilobytes === undefined) throw Error(`process ${pid} has no VmRSS`);
  return (Number(kilobytes) * 1024) / MiB;
};

/** What each of them is, without the numbers by which they differ. */
const descriptorsOf = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return [target.replaceAll(/\d+/gu, '')];
    } catch {
      return []; // closed since
    }
  });

/** Of a daemon that has nothing to do: so many of each, and the hosts that it has. */
export type Rest = Readonly<{ hosts: number; descriptors: readonly string[] }>;

const LOOKS = 100;
const LOOK_MS = 100;

/** Waits until it has so many hosts and descriptors, if it ever has; what it had last. */
export const restOf = async (
  { pid, status }: ScoreDaemon,
  expected?: Rest,
): Promise<Rest> => {
  let rest: Rest = { hosts: 0, descriptors: [] };
  for (let look = 0; look < LOOKS; look += 1) {
    const { hosts } = await status();
    rest = {
      hosts: hosts.length,
      descriptors: descriptorsOf(pid()).toSorted(),
    };
    if (expected === undefined) {
      if (look > 10) break;
    } else if (rest.descriptors.length <= expected.descriptors.length) break;
    await delay(LOOK_MS);
  }
  return rest;
};
