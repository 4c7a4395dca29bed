/** Which files something was made of, and whether they are still what they were. */
import { statSync } from 'node:fs';

export type FileRecord = Readonly<{
  /** Before the file is read, so that no later change is missed. The first note counts. */
  note(path: string): void;
  paths(): readonly string[];
  /** What the files are like now: the same text means that none has changed. */
  look(): string;
  hasChanged(): boolean;
}>;

export const makeFileRecord = (paths: readonly string[] = []): FileRecord => {
  const noted = new Map<string, string>();
  const note = (path: string): void => {
    if (!noted.has(path)) {
      noted.set(path, stateOf(path));
    }
  };
  const look = (): string => [...noted.keys()].map(stateOf).join('\n');
  paths.forEach(note);
  return {
    note,
    paths: () => [...noted.keys()],
    look,
    hasChanged: () => look() !== [...noted.values()].join('\n'),
  };
};

/**
 * Of a folder, too, which changes when a file in it comes or goes. The change
 * time cannot be set, as the modification time can: a restored file is a new one.
 */
const stateOf = (path: string): string => {
  try {
    const { ino, size, ctimeMs } = statSync(path);
    return `${ino} ${size} ${ctimeMs}`;
  } catch {
    return 'none'; // Not there, or not for us: either way it has no content.
  }
};
