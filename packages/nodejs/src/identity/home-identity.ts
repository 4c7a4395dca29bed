/**
 * The identity of a home, from outside: who it is, its key as words, and a key
 * from words. The words never pass through the daemon, nor its log.
 */
import { existsSync } from 'node:fs';
import { DaemonError } from '../client/errors.ts';
import { pathsOf, resolveHome } from '../daemon/paths.ts';
import { preparePrivateFolder } from '../daemon/private-folder.ts';
import { whileStopped } from '../daemon/while-stopped.ts';
import { peerIdOf, provideSeed } from './peer-identity.ts';
import { readSeed, replaceSeed } from './seed-file.ts';

type HomeOption = Readonly<{ home?: string | undefined }>;

/** The peer id of this home, whose key is made unless it is there. @throws IDENTITY_UNUSABLE */
export const provideIdentity = ({ home }: HomeOption = {}): string => {
  const paths = pathsOf(resolveHome(home));
  preparePrivateFolder(paths.home);
  return peerIdOf(provideSeed(paths.identityPath));
};

export type IdentityBackup = Readonly<{
  peerId: string;
  /** 24 words. Whoever has them can pass for this daemon. */
  phrase: string;
}>;

/** @throws IDENTITY_MISSING, IDENTITY_UNUSABLE */
export const backUpIdentity = async ({
  home,
}: HomeOption = {}): Promise<IdentityBackup> => {
  const paths = pathsOf(resolveHome(home));
  const seed = readSeed(paths.identityPath);
  if (seed === undefined) {
    throw new DaemonError('IDENTITY_MISSING', { home: paths.home });
  }
  const { phraseOf } = await import('./recovery-phrase.ts');
  return { peerId: peerIdOf(seed), phrase: phraseOf(seed) };
};

type RestoreOptions = HomeOption &
  Readonly<{
    phrase: string;
    /** Also where another identity has state, which then is known to nobody. */
    force?: boolean;
  }>;

export type RestoredIdentity = Readonly<{
  peerId: string;
  /** The peer id that this home had before, if it was another. */
  replaced?: string;
}>;

/** @throws PHRASE_INVALID, ALREADY_RUNNING, IDENTITY_IN_USE, IDENTITY_UNUSABLE */
export const restoreIdentity = async ({
  home,
  phrase,
  force = false,
}: RestoreOptions): Promise<RestoredIdentity> => {
  const { seedOf } = await import('./recovery-phrase.ts');
  const seed = seedOf(phrase);
  const paths = pathsOf(resolveHome(home));
  return whileStopped(paths, () => {
    const peerId = peerIdOf(seed);
    const before = identityBefore(paths.identityPath, force);
    if (before === peerId) {
      return { peerId };
    }
    const hasState = existsSync(paths.databasePath);
    if (before !== undefined && hasState && !force) {
      const details = { home: paths.home, peer: before };
      throw new DaemonError('IDENTITY_IN_USE', details);
    }
    replaceSeed(paths.identityPath, seed);
    return before === undefined ? { peerId } : { peerId, replaced: before };
  });
};

/** With `force`, one that cannot be read is in nobody's way. */
const identityBefore = (path: string, force: boolean): string | undefined => {
  try {
    const seed = readSeed(path);
    return seed === undefined ? undefined : peerIdOf(seed);
  } catch (error) {
    if (force) {
      return undefined;
    }
    throw error;
  }
};
