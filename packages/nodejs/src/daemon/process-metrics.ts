/** The metrics of the daemon's process and of the files of its home. */
import { readdirSync, statSync } from 'node:fs';
import { counter, gauge, samplesBy, type Metric } from '@ocap/kernel-utils';
import type { HomePaths } from './paths.ts';

const begun = Date.now() / 1000 - process.uptime();

/** `connections`: how many are open at the socket. */
export const processMetrics = (
  { databasePath, logPath }: Pick<HomePaths, 'databasePath' | 'logPath'>,
  connections: number,
): readonly Metric[] => {
  const { user, system } = process.cpuUsage();
  const { active } = performance.eventLoopUtilization();
  const descriptors = openDescriptors();
  return [
    gauge('ocap_connections', 'Open connections at the socket.', connections),
    {
      name: 'ocap_file_bytes',
      type: 'gauge',
      help: 'Sizes of files of the home.',
      samples: samplesBy('file', [
        ['database', sizeOf(databasePath)],
        ['wal', sizeOf(`${databasePath}-wal`)],
        ['log', sizeOf(logPath)],
      ]),
    },
    counter(
      'ocap_busy_seconds_total',
      'Time in which the event loop of the daemon had something to do.',
      active / 1000,
    ),
    // By the names under which all programs tell these.
    counter(
      'process_cpu_seconds_total',
      'Processor time of the daemon, without vats.',
      (user + system) / 1e6,
    ),
    gauge(
      'process_resident_memory_bytes',
      'Resident memory of the daemon, without vats.',
      process.memoryUsage.rss(),
    ),
    gauge(
      'process_start_time_seconds',
      'When the daemon was started, since 1970.',
      begun,
    ),
    ...(descriptors === undefined
      ? []
      : [gauge('process_open_fds', 'Open file descriptors.', descriptors)]),
  ];
};

const sizeOf = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Where the system tells. */
const openDescriptors = (): number | undefined => {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
};
