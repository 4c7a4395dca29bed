/** Backing up and restoring the identity of a home, on real files. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTempHome } from '../daemon/fixtures/temp-home.ts';
import { acquireLock } from '../daemon/lock.ts';
import {
  backUpIdentity,
  provideIdentity,
  restoreIdentity,
} from './home-identity.ts';

const keyIn = (home: string): string => join(home, 'identity.key');
const modeOf = (path: string): string =>
  (statSync(path).mode & 0o777).toString(8);

/** What a daemon leaves behind that has run there. */
const giveState = (home: string): void =>
  writeFileSync(join(home, 'kernel.sqlite'), '');

const backUpAnother = async () => {
  const { home } = makeTempHome();
  provideIdentity({ home });
  return backUpIdentity({ home });
};

describe('the identity of a home', () => {
  it('is made once, in a home that is its owner’s alone', () => {
    const home = join(makeTempHome().home, 'new');
    const peerId = provideIdentity({ home });
    expect(peerId).toMatch(/^12D3KooW\w{44}$/u);
    expect(provideIdentity({ home })).toBe(peerId);
    expect(readdirSync(home)).toStrictEqual(['identity.key']);
    expect([modeOf(home), modeOf(keyIn(home))]).toStrictEqual(['700', '600']);
  });

  it('is restored from its words in an empty home', async () => {
    const { peerId, phrase } = await backUpAnother();
    const home = join(makeTempHome().home, 'new');
    expect(await restoreIdentity({ home, phrase })).toStrictEqual({ peerId });
    expect(provideIdentity({ home })).toBe(peerId);
    expect(await backUpIdentity({ home })).toStrictEqual({ peerId, phrase });
    expect([modeOf(home), modeOf(keyIn(home))]).toStrictEqual(['700', '600']);
  });

  it('is not made by a backup', async () => {
    const { home } = makeTempHome();
    await expect(backUpIdentity({ home })).rejects.toMatchObject({
      code: 'IDENTITY_MISSING',
    });
    expect(readdirSync(home)).toStrictEqual([]);
  });
});

describe('restoring', () => {
  it('takes the place of an identity that has no state', async () => {
    const { home } = makeTempHome();
    const replaced = provideIdentity({ home });
    const { peerId, phrase } = await backUpAnother();
    const restored = await restoreIdentity({ home, phrase });
    expect(restored).toStrictEqual({ peerId, replaced });
  });

  it('of an identity that has state is refused, unless it is forced', async () => {
    const { home } = makeTempHome();
    const before = provideIdentity({ home });
    giveState(home);
    const { peerId, phrase } = await backUpAnother();
    await expect(restoreIdentity({ home, phrase })).rejects.toMatchObject({
      code: 'IDENTITY_IN_USE',
      message: expect.stringContaining(before) as string,
    });
    expect(provideIdentity({ home })).toBe(before);
    const forced = await restoreIdentity({ home, phrase, force: true });
    expect(forced).toStrictEqual({ peerId, replaced: before });
    expect(provideIdentity({ home })).toBe(peerId);
  });

  it('of the same identity changes nothing, and is no error', async () => {
    const { home } = makeTempHome();
    const peerId = provideIdentity({ home });
    giveState(home);
    const { phrase } = await backUpIdentity({ home });
    const { ino } = statSync(keyIn(home));
    expect(await restoreIdentity({ home, phrase })).toStrictEqual({ peerId });
    expect(statSync(keyIn(home)).ino).toBe(ino);
  });

  it('brings a lost key back to its state', async () => {
    const { home } = makeTempHome();
    giveState(home);
    const { peerId, phrase } = await backUpAnother();
    expect(await restoreIdentity({ home, phrase })).toStrictEqual({ peerId });
  });

  it('of a key that cannot be read has to be forced', async () => {
    const { home } = makeTempHome();
    writeFileSync(keyIn(home), 'half a k');
    const { peerId, phrase } = await backUpAnother();
    await expect(restoreIdentity({ home, phrase })).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
    });
    expect(readFileSync(keyIn(home), 'utf8')).toBe('half a k');
    const forced = await restoreIdentity({ home, phrase, force: true });
    expect(forced).toStrictEqual({ peerId });
    expect(modeOf(keyIn(home))).toBe('600');
  });

  it('is refused while a daemon runs, even if it is forced', async () => {
    const { home, lockPath } = makeTempHome();
    const { phrase } = await backUpAnother();
    const lock = await acquireLock(lockPath);
    await expect(
      restoreIdentity({ home, phrase, force: true }),
    ).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    expect(existsSync(keyIn(home))).toBe(false);
    lock?.release();
    await restoreIdentity({ home, phrase });
  });

  it('of wrong words makes nothing', async () => {
    const home = join(makeTempHome().home, 'new');
    await expect(
      restoreIdentity({ home, phrase: 'open sesame' }),
    ).rejects.toMatchObject({ code: 'PHRASE_INVALID' });
    expect(existsSync(home)).toBe(false);
  });

  it('leaves no half-written key behind if it fails', async () => {
    const { home } = makeTempHome();
    const { phrase } = await backUpAnother();
    mkdirSync(keyIn(home));
    await expect(
      restoreIdentity({ home, phrase, force: true }),
    ).rejects.toMatchObject({ code: 'IDENTITY_UNUSABLE' });
    expect(readdirSync(home).sort()).toStrictEqual([
      'daemon.lock',
      'identity.key',
    ]);
  });
});
