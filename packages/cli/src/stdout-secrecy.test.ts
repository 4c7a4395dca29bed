/** Where a secret may be written: on real files and pipes. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { whyNotSecret } from './stdout-secrecy.ts';

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ocap-secrecy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const makeFile = (folder: string, name: string, mode: number): Stats => {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, mode);
  return statSync(path);
};

it.each([
  [0o600, undefined],
  [0o644, 'others can read'],
  [0o660, 'others can read'],
  [0o604, 'others can read'],
])('a file of mode %o', (mode, problem) => {
  const home = makeFolder();
  const stats = makeFile(home, 'words.txt', mode);
  const why = whyNotSecret({ env: {}, home, stats });
  if (problem === undefined) expect(why).toBeUndefined();
  else expect(why).toContain(problem);
});

it.each(['daemon.log', 'daemon.log.2', 'relay/relay.log'])(
  'never %s, whatever its mode',
  (name) => {
    const home = makeFolder();
    mkdirSync(join(home, 'relay'));
    const stats = makeFile(home, name, 0o600);
    expect(whyNotSecret({ env: {}, home, stats })).toContain('a log of this');
  },
);

it('what is no file stays nowhere', () => {
  const stats = fstatSync(openSync('/dev/null', 'w'));
  expect(whyNotSecret({ env: {}, home: '/none', stats })).toBeUndefined();
});

it.each([
  [{ CI: 'true' }, 'the log of a build'],
  [{ CI: '1' }, 'the log of a build'],
])('not with %o', (env, problem) => {
  const home = makeFolder();
  const stats = makeFile(home, 'words.txt', 0o600);
  expect(whyNotSecret({ env, home, stats })).toContain(problem);
  expect(whyNotSecret({ env: { CI: 'false' }, home, stats })).toBeUndefined();
});

it('not into the journal, as systemd tells which that is', () => {
  const stats = fstatSync(openSync('/dev/null', 'w'));
  const ask = (ino: number): string | undefined =>
    whyNotSecret({
      env: { JOURNAL_STREAM: `${stats.dev}:${ino}` },
      home: '/none',
      stats,
    });
  expect(ask(stats.ino)).toContain('journal');
  expect(ask(stats.ino + 1)).toBeUndefined();
});

it('is asked of this process’s own stdout', () => {
  const module = new URL('./stdout-secrecy.ts', import.meta.url).href;
  const program = `import { whyNotSecret } from '${module}';
    process.exitCode = whyNotSecret({ env: {}, home: '/none' }) === undefined ? 0 : 1;`;
  const start = (stdout: 'pipe' | number): unknown =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', stdout, 'inherit'],
    });
  expect(() => start('pipe')).not.toThrow();
  const path = join(makeFolder(), 'words.txt');
  const file = openSync(path, 'w', 0o600);
  chmodSync(path, 0o644);
  expect(() => start(file)).toThrow('Command failed');
});
