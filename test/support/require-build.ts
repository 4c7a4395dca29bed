/**
 * End-to-end tests run what users run: the built files. Without them every test
 * would fail in its own odd way, so this says it once, before the first one.
 */
import { existsSync } from 'node:fs';

const built = [
  'packages/cli/dist/ocap.cjs',
  'packages/nodejs/dist/daemon.mjs',
  'packages/nodejs/dist/vat-host.mjs',
  'packages/nodejs/dist/vat-host.image',
  'packages/nodejs/dist/bundler.mjs',
  'packages/nodejs/dist/relay.mjs',
  'packages/nodejs/dist/remotes.mjs',
];

export default (): void => {
  const root = new URL('../../', import.meta.url);
  const missing = built.filter((path) => !existsSync(new URL(path, root)));
  if (missing.length > 0) {
    throw new Error(
      `The end-to-end tests need ${missing.join(', ')}. Build with: npm run build`,
    );
  }
};
