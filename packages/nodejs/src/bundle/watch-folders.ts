/**
 * Waits until it may be worth looking at files again. The system's notices
 * only hasten that: they are lost for folders that are replaced, on network
 * drives, and where a user has too many of them.
 */
import { watch, type FSWatcher } from 'node:fs';

/** Files are looked at this often without any notice, and that is all it takes. */
const LOOK_MS = 1_000;
/** A folder in which much goes on is not looked at for each notice. */
const NOTICE_MS = 20;

export type FolderWatch = Readonly<{
  /** Notices are of these folders from now on, and of no others. */
  choose(folders: ReadonlySet<string>): void;
  /** Resolves on a notice, also one since the last call, after a second, or when the signal fires. */
  next(signal: AbortSignal): Promise<void>;
  close(): void;
}>;

export const watchFolders = (): FolderWatch => {
  const watchers = new Map<string, FSWatcher>();
  let noticed = false;
  let wake = (): void => undefined;

  const end = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const begin = (folder: string): void => {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        noticed = true;
        wake();
      });
      watcher.on('error', () => end(folder));
      watchers.set(folder, watcher);
    } catch {
      // It is not there, or there are too many: without notices, then.
    }
  };

  return {
    choose: (folders) => {
      const gone = [...watchers.keys()].filter((each) => !folders.has(each));
      gone.forEach(end);
      folders.forEach((each) => {
        if (!watchers.has(each)) begin(each);
      });
    },
    next: async (signal) => {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        };
        let timer = setTimeout(done, LOOK_MS);
        wake = () => {
          wake = () => undefined;
          clearTimeout(timer);
          timer = setTimeout(done, NOTICE_MS);
        };
        signal.addEventListener('abort', done);
        if (noticed) wake();
        if (signal.aborted) done();
      });
      noticed = false;
    },
    close: () => [...watchers.keys()].forEach(end),
  };
};
