/**
 * Makes things of files, and each anew whenever a file that went into it
 * changes. A burst of changes counts as one, and what cannot be made is tried
 * again when a file changes that it was made of or wanted.
 */
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFileRecord, type FileRecord } from './file-record.ts';
import { watchFolders } from './watch-folders.ts';

/** Told of each file before it is read. */
type Note = (path: string) => void;

type Remaking<Made> = Readonly<{
  /** What there is to be made, by the paths of its main files. */
  list: (note: Note) => Promise<readonly string[]>;
  make: (path: string, note: Note) => Promise<Made>;
  /** The next thing is made when this has resolved. */
  onMade: (path: string, made: Made) => Promise<void> | void;
  onProblem: (path: string, problem: unknown) => void;
  /** It is not listed any more. */
  onGone?: (path: string) => void;
  /** Everything was made once, and is watched from now on. */
  onWatching: (paths: readonly string[]) => void;
}>;

/** Nothing changes for so long, and a burst of changes is over. */
const QUIET_MS = 100;
/** A file that never comes to rest is not waited for any longer. */
const MAX_BURST_MS = 5_000;

/** Resolves when the signal fires. Rejects if a listing or a handler does. */
export const remakeOnChange = async <Made>(
  signal: AbortSignal,
  { list, make, onMade, onProblem, onGone, onWatching }: Remaking<Made>,
): Promise<void> => {
  const records = new Map<string, FileRecord>();
  let listing = makeFileRecord();
  let paths: readonly string[] = [];

  const listAnew = async (): Promise<void> => {
    listing = makeFileRecord();
    paths = await list(listing.note);
    for (const path of records.keys()) {
      if (!paths.includes(path)) {
        records.delete(path);
        onGone?.(path);
      }
    }
  };

  const remake = async (path: string): Promise<void> => {
    const record = makeFileRecord();
    // Without a result, what went into the last one still counts: it may be broken.
    const withOld = makeFileRecord(records.get(path)?.paths());
    const note = (file: string): void => {
      record.note(file);
      withOld.note(file);
    };
    const result = await attempt(make(path, note));
    if ('problem' in result) {
      records.set(path, withOld);
      onProblem(path, result.problem);
    } else {
      records.set(path, record);
      await onMade(path, result.made);
    }
  };

  const folders = watchFolders();
  try {
    await listAnew();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      for (const path of paths) {
        if (!signal.aborted && records.get(path)?.hasChanged() !== false) {
          await remake(path);
        }
      }
      if (isFirst && !signal.aborted) onWatching(paths);
      const all = [listing, ...records.values()];
      folders.choose(new Set(all.flatMap((each) => each.paths()).map(dirname)));
      await untilChanged(all, folders.next, signal);
      if (listing.hasChanged()) await listAnew();
    }
  } finally {
    folders.close();
  }
};

const attempt = async <Made>(
  making: Promise<Made>,
): Promise<Readonly<{ made: Made }> | Readonly<{ problem: unknown }>> => {
  try {
    return { made: await making };
  } catch (problem) {
    return { problem };
  }
};

/** Resolves when something has changed, and then for a moment nothing more; or when the signal fires. */
const untilChanged = async (
  records: readonly FileRecord[],
  next: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted && !records.some((each) => each.hasChanged())) {
    await next(signal);
  }
  const look = (): string => records.map((each) => each.look()).join('\n');
  let seen = look();
  for (let ms = 0; ms < MAX_BURST_MS && !signal.aborted; ms += QUIET_MS) {
    await delay(QUIET_MS);
    const now = look();
    if (now === seen) return;
    seen = now;
  }
};
