/**
 * What systemd is told of a daemon that it runs (`Type=notify`, sd_notify(3)):
 * that it is ready, that its event loop still turns, that it is stopping. Node
 * has no datagrams over Unix sockets, so systemd's own program says it. Without
 * a service manager all of this does nothing.
 */
import { spawn } from 'node:child_process';
import { messageOf, type Logger } from '@ocap/kernel-utils';

type Env = Readonly<Record<string, string | undefined>>;

export type ServiceManager = Readonly<{
  /** It works; from now on the service manager hears that it still does. */
  ready(): void;
  stopping(): void;
}>;

export const makeServiceManager = (
  logger: Logger,
  env: Env = process.env,
): ServiceManager => {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, PATH } = env;
  if (!NOTIFY_SOCKET) {
    return { ready: () => undefined, stopping: () => undefined };
  }
  const say = (...words: string[]): void => {
    const child = spawn('systemd-notify', words, {
      stdio: 'ignore',
      env: { NOTIFY_SOCKET, ...(PATH === undefined ? {} : { PATH }) },
    });
    child.on('error', (error) => {
      logger.warn('The service manager could not be told.', {
        words,
        problem: messageOf(error),
      });
    });
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    ready: () => {
      say('--ready');
      const everyMs = Number(WATCHDOG_USEC) / 1000 / 2;
      if (everyMs > 0) {
        timer = setInterval(() => say('WATCHDOG=1'), everyMs);
        timer.unref();
      }
    },
    stopping: () => {
      clearInterval(timer);
      say('--stopping');
    },
  };
};
