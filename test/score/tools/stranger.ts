/**
 * A process that is no daemon and must not be taken for one. Run as a program,
 * it tells of every signal that it gets, and writes itself into the pid file of
 * a home when it is told to, as no daemon ever would.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pathsOf } from '../../../packages/nodejs/src/daemon/paths.ts';
import { writePidFile } from '../../../packages/nodejs/src/daemon/pid-file.ts';

export type Stranger = Readonly<{
  pid: number;
  /** Writes the pid file of this home, with its own pid and the time of its own start. */
  sign(home: string): Promise<void>;
  /** The signals that it got so far; SIGKILL if it is no longer there. */
  heard(): readonly string[];
  close(): Promise<void>;
}>;

type Report = Readonly<{ signal?: string; signed?: true }>;

export const openStranger = async (): Promise<Stranger> => {
  const child = fork(fileURLToPath(import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const heard: string[] = [];
  child.on('message', ({ signal }: Report) => {
    if (signal !== undefined) heard.push(signal);
  });
  await once(child, 'message');
  const { pid } = child;
  if (pid === undefined) throw Error('the stranger did not start');
  return {
    pid,
    sign: async (home) => {
      child.send(home);
      await once(child, 'message');
    },
    heard: () =>
      child.exitCode === null && child.signalCode === null
        ? heard
        : [...heard, child.signalCode ?? `exit ${child.exitCode}`],
    close: async () => {
      const gone = once(child, 'exit');
      if (child.kill('SIGKILL')) await gone;
    },
  };
};

const deadly = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const tell = (report: Report): void => void process.send?.(report);
  for (const signal of deadly) process.on(signal, () => tell({ signal }));
  process.on('message', (home: string) => {
    writePidFile(pathsOf(home));
    tell({ signed: true });
  });
  // Without who has started it, it has nothing to be there for.
  process.on('disconnect', () => process.exit(0));
  tell({});
}
