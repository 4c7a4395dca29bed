import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTempHome } from '../daemon/fixtures/temp-home.ts';
import { createSeed, readSeed, replaceSeed } from './seed-file.ts';

const one = Buffer.alloc(32, 1);
const two = Buffer.alloc(32, 2);

describe('the file of the key', () => {
  it('is not there until it is made, and the first one stays', () => {
    const { home, identityPath } = makeTempHome();
    expect(readSeed(identityPath)).toBeUndefined();
    createSeed(identityPath, one);
    createSeed(identityPath, two);
    expect(readSeed(identityPath)).toStrictEqual(one);
    replaceSeed(identityPath, two);
    expect(readSeed(identityPath)).toStrictEqual(two);
    expect(readdirSync(home)).toStrictEqual(['identity.key']);
  });

  it('is written even if a process with this id died writing it', () => {
    const { home, identityPath } = makeTempHome();
    writeFileSync(`${identityPath}.${process.pid}`, 'half');
    createSeed(identityPath, one);
    expect(readSeed(identityPath)).toStrictEqual(one);
    expect(readdirSync(home)).toStrictEqual(['identity.key']);
  });

  it('is not made where no file can be', () => {
    const path = join(makeTempHome().home, 'none', 'identity.key');
    expect(() => createSeed(path, one)).toThrow('ENOENT');
  });
});
