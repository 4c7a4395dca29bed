/**
 * A `.ocap` file: access to a part of a daemon, as JSON. Whoever has the token in
 * it has that access, so it is for its owner only, and no message shows what is
 * in it.
 */
import { constants } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Access } from '@ocap/kernel';
import { CliError } from './cli-error.ts';

/** Of files that a later version writes otherwise, the number is another. */
const VERSION = 1;
const MAX_BYTES = 64 * 1024;
const OTHERS = 0o077;

export type CapFile = Readonly<{
  ocap: typeof VERSION;
  home: string;
  socket: string;
  id: string;
  facet: Access['facet'];
  name?: string;
  /** ISO 8601 */
  expires?: string;
  token: string;
}>;

/** What a command that acts with it needs to know. @throws CAP_UNUSABLE */
export const readCapFile = async (
  path: string,
): Promise<Pick<CapFile, 'home' | 'token'>> => {
  const refuse = (problem: string): never => {
    throw new CliError('CAP_UNUSABLE', { path, problem });
  };
  const text = await readPrivate(path, refuse);
  const value =
    parse(text) ?? refuse('it is not a file of `ocap daemon grant`');
  const { ocap, home, token } = value;
  if (ocap !== VERSION) {
    return refuse('it is of another version of ocap, or no .ocap file');
  }
  return typeof home === 'string' && typeof token === 'string'
    ? { home, token }
    : refuse('it names no home or has no token');
};

/** The error of `JSON.parse` would show a part of the text. */
const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

const readPrivate = async (
  path: string,
  refuse: (problem: string) => never,
): Promise<string> => {
  const { O_RDONLY, O_NONBLOCK } = constants;
  let file: FileHandle;
  try {
    // A FIFO would be waited for.
    file = await open(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    return refuse(codeOf(error));
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) refuse('it is not a file');
    if (stats.size > MAX_BYTES) refuse('it is too large for one');
    if ((stats.mode & OTHERS) !== 0) {
      refuse('others can read it, and so have what it gives: chmod 600');
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
};

/**
 * A new file for `content`, which is asked for once there is a place for it. What
 * exists is never written to, and no link is followed. Nothing is left where
 * something fails. @throws FILE_EXISTS, FILE_UNWRITABLE, and as `content` does
 */
export const writeCapFile = async (
  path: string,
  content: () => Promise<CapFile>,
): Promise<CapFile> => {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  let file: FileHandle;
  try {
    file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    const problem = codeOf(error);
    throw problem === 'EEXIST' || problem === 'ELOOP'
      ? new CliError('FILE_EXISTS', { path })
      : new CliError('FILE_UNWRITABLE', { path, problem });
  }
  try {
    await file.chmod(0o600);
    const cap = await content();
    await file.writeFile(`${JSON.stringify(cap, null, 2)}\n`);
    await file.sync();
    return cap;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
};

export const makeCapFile = (
  { home, socket }: Pick<CapFile, 'home' | 'socket'>,
  { id, facet, name, expires }: Access,
  token: string,
): CapFile => ({
  ocap: VERSION,
  home: resolve(home),
  socket,
  id,
  facet,
  ...(name !== undefined && { name }),
  ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
  token,
});

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error
    ? String(error.code)
    : String(error);
