/** What is made private, and what is not taken for ours. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTempHome } from './fixtures/temp-home.ts';
import { preparePrivateFolder } from './private-folder.ts';

const NOBODY = 65534;

const modeOf = (path: string): number => statSync(path).mode & 0o777;

it('is closed to others, also if it was open, or is reached by a link', () => {
  const { home } = makeTempHome();
  const open = join(home, 'open');
  const link = join(home, 'link');
  mkdirSync(open);
  chmodSync(open, 0o777);
  symlinkSync(open, link);
  preparePrivateFolder(link);
  expect(modeOf(open)).toBe(0o700);
  const fresh = join(home, 'a', 'b');
  preparePrivateFolder(fresh);
  expect(modeOf(fresh)).toBe(0o700);
});

describe.skipIf(process.getuid?.() !== 0)(
  'what is of another user (only root can make it)',
  () => {
    it('is not taken, and is left as it is', () => {
      const { home } = makeTempHome();
      const theirs = join(home, 'theirs');
      mkdirSync(theirs, { mode: 0o755 });
      chownSync(theirs, NOBODY, NOBODY);
      expect(() => preparePrivateFolder(theirs)).toThrow(
        `${theirs} belongs to another user (uid ${NOBODY})`,
      );
      expect(modeOf(theirs)).toBe(0o755);
    });

    it('is not taken as a part of one of ours', () => {
      const { home } = makeTempHome();
      const file = join(home, 'config.json');
      writeFileSync(file, '{}');
      preparePrivateFolder(home);
      chownSync(file, NOBODY, NOBODY);
      expect(() => preparePrivateFolder(home)).toThrow(
        `${file} belongs to another user (uid ${NOBODY})`,
      );
    });
  },
);
