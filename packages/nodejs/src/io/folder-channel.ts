/**
 * A channel of type `folder`: the files below one folder, and no others. Paths
 * are names separated by "/"; a link is refused wherever it stands, so that no
 * path leads out. What is written is on the disk when the call is answered.
 */
import { mkdir } from 'node:fs/promises';
import type { IoChannel } from '@ocap/kernel';
import { makeInOrder, type LimitValues } from '@ocap/kernel-utils';
import { fileProblem } from './file-problem.ts';
import {
  appendText,
  makeFolder,
  remove,
  writeText,
} from './folder-changing.ts';
import { list, readText, stat } from './folder-looking.ts';
import { parseFolderPath } from './folder-path.ts';
import { withFolder, type Place } from './walk-folder.ts';

type FolderOptions = Readonly<{
  /** Absolute. */
  path: string;
  /** As it stands in the config. */
  shown: string;
  canWrite: boolean;
  limits: LimitValues;
  /** See walk-folder.ts; chosen by what the system offers. */
  byDescriptor?: boolean;
}>;

type Folder = Required<Omit<IoChannel, 'read' | 'write'>>;

/** Rejects if there is no such folder; one to write to is made. */
export const openFolderChannel = async ({
  path: root,
  shown,
  canWrite,
  limits,
  byDescriptor,
}: FolderOptions): Promise<IoChannel> => {
  const inFolder = async <Result>(
    names: readonly string[],
    use: (place: Place) => Promise<Result>,
  ): Promise<Result> => withFolder(root, names, use, byDescriptor);

  /** `use` in the folder above what the path names. */
  const above =
    <Rest extends string[], Result>(
      use: (place: Place, name: string, ...rest: Rest) => Promise<Result>,
    ) =>
    async (path: string, ...rest: Rest): Promise<Result> => {
      const names = [...parseFolderPath(path)];
      const name = names.pop() ?? '';
      return inFolder(names, async (place) => use(place, name, ...rest));
    };

  const folder: Folder = {
    readText: above(async (place, name) => readText(place, name, limits)),
    stat: above(stat),
    writeText: above(writeText),
    appendText: above(appendText),
    remove: above(remove),
    list: async (path) =>
      inFolder(path === undefined ? [] : parseFolderPath(path), async (place) =>
        list(place, limits),
      ),
    makeFolder: async (path = '') => {
      const names = parseFolderPath(path);
      for (const [at, name] of names.entries()) {
        await inFolder(names.slice(0, at), async (place) =>
          makeFolder(place, name),
        );
      }
      // Not if there is something else by this name, or a link.
      await inFolder(names, async ({ handle }) => handle.sync());
    },
    close: async () => undefined,
  };

  try {
    if (canWrite) {
      await mkdir(root, { recursive: true, mode: 0o700 });
    }
    await inFolder([], async () => undefined);
  } catch (error) {
    throw fileProblem(error, `the folder ${shown}`);
  }
  return inTurn(canWrite ? folder : lookingOnly(folder));
};

const lookingOnly = ({
  readText: read,
  list: names,
  stat: look,
  close,
}: Folder): IoChannel => ({
  readText: read,
  list: names,
  stat: look,
  close,
});

/** One call after the other, and problems in the words of whoever called. */
const inTurn = ({ close, ...methods }: IoChannel): IoChannel => {
  const inOrder = makeInOrder();
  const turns = Object.entries(methods).map(([name, method]) => [
    name,
    inOrder(async (...args: string[]) => {
      try {
        return await method(...args);
      } catch (error) {
        throw fileProblem(error, args[0] ?? 'the folder');
      }
    }),
  ]);
  return { ...Object.fromEntries(turns), close };
};
