/**
 * Looks after what others find the daemon by: its socket and its lock are names
 * in a folder, and who deletes them does not ask the daemon. A socket that is
 * gone is put back. Without its lock another daemon may start at any moment, so
 * this one has to end.
 */
import type { Logger } from '@ocap/kernel-utils';
import type { Lock } from './lock.ts';
import type { RpcSocketServer } from './rpc-socket-server.ts';

type Options = Readonly<{
  server: RpcSocketServer;
  lock: Lock;
  logger: Logger;
  /** How often it looks; that costs two system calls. */
  everyMs: number;
  /** It cannot go on. */
  onLost(): void;
}>;

/** Returns what ends it. */
export const watchHome = ({
  server,
  lock,
  logger,
  everyMs,
  onLost,
}: Options): (() => void) => {
  const look = async (): Promise<void> => {
    try {
      if (lock.isLost()) {
        throw Error('daemon.lock was deleted or replaced');
      }
      if (await server.restore()) {
        logger.warn('The socket was deleted or replaced; it is there again.');
      }
    } catch (err) {
      clearInterval(timer);
      logger.error('The daemon ends: its home was taken from it.', { err });
      onLost();
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return () => clearInterval(timer);
};
