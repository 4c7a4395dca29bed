import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  vi,
} from 'vitest';
import { peerFolder, peerIds, providePackages } from './peers.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

type Manifest = Readonly<{ dependencies: Record<string, string> }>;
type Lock = Readonly<{
  packages: Record<string, Manifest & { version: string; integrity?: string }>;
}>;

const read = (folder: string, file: string): string =>
  readFileSync(join(folder, file), 'utf8');

describe.each(peerIds)('the peer %s', (id) => {
  const folder = peerFolder(id);
  const lock = JSON.parse(read(folder, 'package-lock.json')) as Lock;
  const { dependencies } = JSON.parse(read(folder, 'package.json')) as Manifest;

  it('is pinned, with all that it needs', () => {
    for (const [name, version] of Object.entries(dependencies)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/u);
      expect(lock.packages[`node_modules/${name}`]).toMatchObject({ version });
    }
    const { '': root, ...packages } = lock.packages;
    expect(root?.dependencies).toStrictEqual(dependencies);
    for (const [path, { integrity }] of Object.entries(packages)) {
      expect(integrity, path).toMatch(/^sha512-/u);
    }
  });

  it('is installed without running scripts', () => {
    expect(read(folder, '.npmrc')).toMatch(/^ignore-scripts=true$/mu);
  });
});

describe('installing', () => {
  let workspace: Workspace;
  let folder: string;

  const write = (file: string, content: object): void =>
    writeFileSync(join(folder, file), JSON.stringify(content));
  const manifest = { name: 'x', version: '1.0.0', dependencies: {} };
  const lock = { ...manifest, lockfileVersion: 3, packages: { '': manifest } };

  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  afterAll(async () => workspace.close());
  beforeEach(() => {
    folder = mkdtempSync(join(workspace.folder, 'peer-'));
    write('package.json', manifest);
  });

  it('happens once for a lock file', async () => {
    write('package-lock.json', lock);
    const provide = async (): Promise<void> =>
      expect(await providePackages(workspace, folder)).toStrictEqual({
        versions: {},
      });
    await provide();
    // npm begins by emptying the folder, so this shows whether it has run again.
    const left = join(folder, 'node_modules/left');
    writeFileSync(left, '');
    await provide();
    expect(existsSync(left)).toBe(true);
    write('package-lock.json', { ...lock, requires: true });
    await provide();
    expect(existsSync(left)).toBe(false);
  });

  it('without npm is told, and leaves nothing to wait for', async () => {
    const another = await openWorkspace();
    vi.stubEnv('PATH', '');
    expect(await providePackages(another, folder)).toStrictEqual({
      problem: expect.stringContaining('npm'),
    });
    vi.unstubAllEnvs();
    await another.close();
    expect(existsSync(another.folder)).toBe(false);
  });

  it('that fails is told, not thrown', async () => {
    expect(await providePackages(workspace, folder)).toStrictEqual({
      problem: expect.stringMatching(/npm ci ended with exit code 1\n.*lock/su),
    });
  });
});
