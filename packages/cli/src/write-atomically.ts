/** Writes a file so that nobody ever sees half of it, also after a crash. */
import { rename, rm, writeFile } from 'node:fs/promises';

export const writeAtomically = async (
  path: string,
  text: string,
  mode = 0o666,
): Promise<void> => {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { mode });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};
