/**
 * `npm run reference`: writes the reference documents from the code that they
 * describe. With `--check` it writes nothing, and fails if one is out of date.
 */
import '../packages/nodejs/src/daemon/lockdown.ts';
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { errorsPage } from './reference/errors-page.ts';
import { limitsPage } from './reference/limits-page.ts';
import { rpcPage } from './reference/rpc-page.ts';
import { schemaPage } from './reference/schema-page.ts';

const pages: Readonly<Record<string, () => string>> = {
  'docs/rpc-reference.md': rpcPage,
  'docs/schema.md': schemaPage,
  'docs/limits.md': limitsPage,
  'docs/errors.md': errorsPage,
};

const root = new URL('..', import.meta.url).pathname;

/** As `npm run format` would leave it. */
const formatted = async (path: string, text: string): Promise<string> =>
  format(text, {
    ...(await resolveConfig(root + path)),
    filepath: root + path,
  });

const existing = async (path: string): Promise<string | undefined> =>
  readFile(root + path, 'utf8').catch(() => undefined);

const isCheck = process.argv.includes('--check');
for (const [path, write] of Object.entries(pages)) {
  const text = await formatted(path, write());
  if ((await existing(path)) !== text) {
    if (isCheck) {
      console.error(`${path} is out of date: npm run reference`);
      process.exitCode = 1;
    } else {
      await writeFile(root + path, text);
      console.log(`${path} written`);
    }
  }
}
