/**
 * Builds the entry points, each a single file: `ocap`, `daemon`, `vat-host` and
 * `bundler`. Bundled they start in a fraction of the time of their sources. And
 * the bundle of the vat behind `ocap daemon repl`.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { rolldown } from 'rolldown';
import { bundleVat } from '../packages/nodejs/src/bundle/bundle-vat.ts';

const entryPoints = [
  { from: 'packages/cli/src/main.ts', to: 'packages/cli/dist/ocap.mjs' },
  {
    from: 'packages/nodejs/src/daemon/main.ts',
    to: 'packages/nodejs/dist/daemon.mjs',
  },
  {
    from: 'packages/nodejs/src/vat-host/main.ts',
    to: 'packages/nodejs/dist/vat-host.mjs',
  },
  {
    from: 'packages/nodejs/src/bundle/main.ts',
    to: 'packages/nodejs/dist/bundler.mjs',
  },
];

// Native code and the bundler itself stay outside: they load files beside them.
// So does what the daemon loads only when a vat fetches.
const external = ['better-sqlite3', 'rolldown', 'undici'];

const root = new URL('..', import.meta.url).pathname;

// Of all that yargs brings along, this alone would cost half of the CLI's start.
const alias = { 'string-width': `${root}packages/cli/src/string-width.ts` };

for (const { from, to } of entryPoints) {
  const bundle = await rolldown({
    input: root + from,
    platform: 'node',
    external,
    resolve: { alias },
    logLevel: 'warn',
  });
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

const consoleVat = await bundleVat(
  `${root}packages/nodejs/src/console-vat/console-vat.ts`,
);
await writeFile(
  `${root}packages/cli/dist/console.bundle`,
  JSON.stringify(consoleVat),
);
