/**
 * Builds the entry points: `ocap`, `daemon`, `vat-host`, `relay`, `remotes`,
 * `bundler` and `query`. Bundled they start in a fraction of the time of their
 * sources. Each is a single file, but for `ocap`, of which a command loads only what
 * it needs. And what a vat host runs, and the bundle of the vat behind `ocap daemon repl`.
 */
import {
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import {
  rolldown,
  type ChunkingContext,
  type CodeSplittingNameFunction,
  type Plugin,
  type RolldownBuild,
} from 'rolldown';
import { buildVatHost } from './build-vat-host.ts';
import { bundleVat } from '../packages/nodejs/src/bundle/bundle-vat.ts';

const entryPoints = [
  {
    from: 'packages/nodejs/src/daemon/main.ts',
    to: 'packages/nodejs/dist/daemon.mjs',
  },
  {
    from: 'packages/nodejs/src/vat-host/start.ts',
    to: 'packages/nodejs/dist/vat-host.mjs',
  },
  {
    from: 'packages/nodejs/src/relay/main.ts',
    to: 'packages/nodejs/dist/relay.mjs',
  },
  // What the daemon loads when it talks to others.
  {
    from: 'packages/nodejs/src/remotes/open-transport.ts',
    to: 'packages/nodejs/dist/remotes.mjs',
  },
  {
    from: 'packages/nodejs/src/bundle/main.ts',
    to: 'packages/nodejs/dist/bundler.mjs',
  },
  {
    from: 'packages/nodejs/src/query/main.ts',
    to: 'packages/nodejs/dist/query.mjs',
  },
];

// Native code and the bundler itself stay outside: they load files beside them.
// So does what the daemon loads only when a vat fetches.
const external = ['better-sqlite3', 'rolldown', 'undici'];

/** A file of its own, which only those load who need it. */
const remotesApart: Plugin = {
  name: 'remotes-apart',
  resolveId: (source) =>
    source === './open-transport.ts'
      ? { id: './remotes.mjs', external: true }
      : null,
};

const root = new URL('..', import.meta.url).pathname;

// Of all that yargs brings along, this alone would cost half of the CLI's start.
const alias = { 'string-width': `${root}packages/cli/src/string-width.ts` };

const bundleOf = async (
  from: string,
  define: Record<string, string> = {},
): Promise<RolldownBuild> =>
  rolldown({
    input: root + from,
    platform: 'node',
    external,
    resolve: { alias },
    transform: { define },
    plugins: [remotesApart],
    logLevel: 'warn',
  });

for (const { from, to } of entryPoints) {
  const bundle = await bundleOf(from);
  // Renamed into place whole: what starts meanwhile gets the old one or the new.
  const temporary = `${root}${to}.${process.pid}.tmp`;
  try {
    await bundle.write({
      file: temporary,
      format: 'esm',
      codeSplitting: false,
    });
    await rename(temporary, root + to);
  } finally {
    await rm(temporary, { force: true });
    await bundle.close();
  }
}

/**
 * Names the chunk of what the entry loads in any case, which becomes the entry
 * itself: one file is read sooner than twenty.
 */
const nameAlwaysLoaded = (entry: string): CodeSplittingNameFunction => {
  let always: ReadonlySet<string> | undefined;
  return (id, context) => {
    always ??= staticallyImported(entry, context);
    return always.has(id) ? 'always' : null;
  };
};

const staticallyImported = (
  entry: string,
  context: ChunkingContext,
): ReadonlySet<string> => {
  const found = new Set([entry]);
  // A set is also told of what is added meanwhile.
  for (const id of found) {
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) {
      found.add(imported);
    }
  }
  return found;
};

/** For what was started before and has not loaded all of it. */
const CHUNK_KEPT_MS = 60 * 60 * 1000;

/**
 * `ocap.cjs` and, beside it, what only some commands need. CommonJS: Node loads it
 * sooner, without its loader of ES modules and what `node:fs` would bring along.
 */
const buildCommands = async (): Promise<void> => {
  const dist = `${root}packages/cli/dist`;
  await mkdir(dist, { recursive: true });
  const folder = await mkdtemp(`${dist}/new-`);
  const entry = 'packages/cli/src/main.ts';
  // Yargs asks for it, and CommonJS has none.
  const bundle = await bundleOf(entry, {
    'import.meta.resolve': 'require.resolve',
  });
  try {
    const { output } = await bundle.write({
      dir: folder,
      format: 'cjs',
      strict: true,
      entryFileNames: 'ocap.cjs',
      chunkFileNames: 'ocap-[name]-[hash].cjs',
      codeSplitting: {
        groups: [{ name: nameAlwaysLoaded(root + entry), debugName: 'always' }],
      },
    });
    const names = output.map(({ fileName }) => fileName);
    // The entry comes last: it finds all that it may load.
    for (const name of [
      ...names.filter((each) => each !== 'ocap.cjs'),
      'ocap.cjs',
    ]) {
      await rename(`${folder}/${name}`, `${dist}/${name}`);
    }
    for (const name of await readdir(dist)) {
      const path = `${dist}/${name}`;
      const isOld =
        /^ocap(?:-.+)?\.[cm]js$/u.test(name) &&
        !names.includes(name) &&
        Date.now() - (await stat(path)).mtimeMs > CHUNK_KEPT_MS;
      if (isOld) await rm(path);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
    await bundle.close();
  }
};

await buildCommands();
await buildVatHost(
  { input: `${root}packages/nodejs/src/vat-host/main.ts`, platform: 'node' },
  `${root}packages/nodejs/dist/vat-host.image`,
);

const consoleVat = await bundleVat(
  `${root}packages/nodejs/src/console-vat/console-vat.ts`,
);
await writeFile(
  `${root}packages/cli/dist/console.bundle`,
  JSON.stringify(consoleVat),
);
