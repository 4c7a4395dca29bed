/**
 * Where the built entry points are, seen from the sources as well as from a
 * built file.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fail } from '@ocap/kernel-utils';

export const builtFile = (name: string): string => {
  const here = new URL('.', import.meta.url);
  for (const candidate of [`./${name}`, `../dist/${name}`]) {
    const path = fileURLToPath(new URL(candidate, here));
    if (existsSync(path)) {
      return path;
    }
  }
  throw fail('INVARIANT', {
    what: `${name} is not built; run \`npm install\``,
  });
};
