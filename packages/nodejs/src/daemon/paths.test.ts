/** Which home is meant, and where it cannot be. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { pathsOf, resolveHome } from './paths.ts';

it.each<[string, string | undefined, Record<string, string>, string]>([
  ['what is asked for', '/a', { OCAP_HOME: '/b' }, '/a'],
  ['$OCAP_HOME', undefined, { OCAP_HOME: '/b' }, '/b'],
  ['~/.ocap', undefined, {}, join(homedir(), '.ocap')],
  [
    '~/.ocap if the variable is empty',
    undefined,
    { OCAP_HOME: '' },
    join(homedir(), '.ocap'),
  ],
  ['a relative path from here', 'x', {}, resolve('x')],
])('home is %s', (_name, wanted, env, home) => {
  expect(resolveHome(wanted, env)).toBe(home);
});

it('takes a home whose socket path just fits, and refuses one byte more', () => {
  const max = process.platform === 'darwin' ? 103 : 107;
  const fits = `/${'x'.repeat(max - '/daemon.sock'.length - 1)}`;
  expect(pathsOf(fits).socketPath).toHaveLength(max);
  expect(() => pathsOf(`${fits}x`)).toThrow(
    `has a path of ${max + 1} bytes; the operating system takes ${max}. Choose a shorter home`,
  );
});
