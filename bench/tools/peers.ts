/**
 * The systems that ours is compared with. Each has a folder `peers/<id>` with
 * the programs that are measured, and is installed there and nowhere else, in
 * the versions of its lock file, when a run asks for it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { untilGone } from './processes.ts';
import type { Workspace } from './workspace.ts';

export const peerIds = ['swingset', 'captp', 'capnweb'] as const;
export type PeerId = (typeof peerIds)[number];

export const peerFolder = (id: PeerId): string =>
  fileURLToPath(new URL(`../peers/${id}`, import.meta.url));

/** `versions` are those that were found installed, of what the peer depends on itself. */
export type Peer = Readonly<{ id: PeerId }> &
  Readonly<
    { versions: Readonly<Record<string, string>> } | { problem: string }
  >;

/** Never throws for what is wrong with one peer: the others can still be measured. */
export const providePeers = async (
  workspace: Workspace,
  ids: readonly PeerId[],
): Promise<readonly Peer[]> => {
  const peers: Peer[] = [];
  for (const id of ids) {
    const provided = await providePackages(workspace, peerFolder(id));
    peers.push({ id, ...provided });
  }
  return peers;
};

/** One line of Markdown: which there are, and which are missing. */
export const peersLine = (peers: readonly Peer[]): string =>
  `Peers: ${peers.map(describe).join('; ')}`;

const describe = (peer: Peer): string => {
  if ('problem' in peer) {
    return `${peer.id} NOT MEASURED, it could not be installed`;
  }
  const packages = Object.entries(peer.versions);
  return packages.map(([name, version]) => `${name} ${version}`).join(', ');
};

type Packages =
  | Readonly<{ versions: Readonly<Record<string, string>> }>
  | Readonly<{ problem: string }>;

/** Installs what the `package.json` of a folder names, unless it is there. */
export const providePackages = async (
  workspace: Workspace,
  folder: string,
): Promise<Packages> => {
  try {
    if (!isInstalled(folder)) await install(workspace, folder);
    return { versions: versionsOf(folder) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
};

/** Left when all was installed: the lock file that it was installed from. */
const stampOf = (folder: string): string =>
  join(folder, 'node_modules/.installed-from.json');
const lockOf = (folder: string): string => join(folder, 'package-lock.json');

const isInstalled = (folder: string): boolean => {
  try {
    return (
      readFileSync(stampOf(folder), 'utf8') ===
      readFileSync(lockOf(folder), 'utf8')
    );
  } catch {
    return false; // nothing is there yet
  }
};

const install = async (workspace: Workspace, folder: string): Promise<void> => {
  console.error(`installing into ${folder} …`);
  const child = spawn('npm', ['ci', '--ignore-scripts'], {
    cwd: folder,
    // Ctrl-C is for this program, which ends what it has started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  await once(child, 'spawn'); // throws if there is no npm
  const close = workspace.own(async () => {
    child.kill();
    await untilGone([child.pid ?? 0]);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  await close();
  if (code !== 0) {
    throw Error(`npm ci ended with exit code ${code}\n${said.trim()}`);
  }
  cpSync(lockOf(folder), stampOf(folder));
};

const versionsOf = (folder: string): Record<string, string> => {
  const { dependencies } = readJson(join(folder, 'package.json')) as {
    dependencies: Record<string, string>;
  };
  const versionOf = (name: string): string => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    return (readJson(manifest) as { version: string }).version;
  };
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => [name, versionOf(name)]),
  );
};

const readJson = (path: string): unknown =>
  JSON.parse(readFileSync(path, 'utf8'));
