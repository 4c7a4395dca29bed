/**
 * Bundles sources for the daemon in a process that is there only while it is
 * needed: started by the first source, ended when none came for a while.
 */
import { fail, type Logger } from '@ocap/kernel-utils';
import { spawnBundler, type BundlerProcess } from './bundler-process.ts';

/** Long enough for somebody who launches, looks, and launches again. */
const IDLE_MS = 10_000;

export type Bundler = Readonly<{
  /** The bundle of the source at this absolute path, as text. */
  bundle(path: string): Promise<string>;
  /** Ends the process; who waits for a bundle gets an error. */
  close(): Promise<void>;
}>;

export const makeBundler = (
  logger: Logger,
  { idleMs = IDLE_MS }: Readonly<{ idleMs?: number }> = {},
): Bundler => {
  // More than one only while a retired one is still on its way out.
  const running = new Set<BundlerProcess>();
  let current: BundlerProcess | undefined;
  let underWay = 0;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): BundlerProcess => {
    const started = spawnBundler(logger);
    running.add(started);
    void started.ended.then(() => {
      running.delete(started);
      if (current === started) {
        current = undefined;
      }
    });
    return started;
  };

  const retireWhenIdle = (): void => {
    idle = setTimeout(() => {
      current?.retire();
      current = undefined;
    }, idleMs);
    idle.unref();
  };

  const bundleNow = async (path: string): Promise<string> => {
    clearTimeout(idle);
    underWay += 1;
    try {
      current ??= start();
      return await current.bundle(path);
    } finally {
      underWay -= 1;
      if (underWay === 0 && !closed) {
        retireWhenIdle();
      }
    }
  };

  // The vats of one launch ask in the same turn; those with the same source
  // share its bundle. Later on the file may have changed.
  const ofThisTurn = new Map<string, Promise<string>>();
  return {
    bundle: async (path) => {
      if (closed) {
        throw fail('SHUTTING_DOWN');
      }
      const bundling = ofThisTurn.get(path) ?? bundleNow(path);
      ofThisTurn.set(path, bundling);
      queueMicrotask(() => ofThisTurn.clear());
      return bundling;
    },
    close: async () => {
      closed = true;
      clearTimeout(idle);
      const ending = [...running].map(async (bundler) => {
        bundler.kill('the daemon is shutting down');
        return bundler.ended;
      });
      await Promise.all(ending);
    },
  };
};
