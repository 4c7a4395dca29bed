/**
 * Builds what a vat host runs: `vat-host.image`, which is a header of 8 bytes
 * (the length of the second part), V8's code cache, and the code as ASCII. The
 * cache is taken from a host that has started, so what that has compiled is in
 * it. One file, because a cache must never meet other code of the same length.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown, type InputOptions } from 'rolldown';

export const buildVatHost = async (
  options: InputOptions,
  image: string,
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'ocap-build-'));
  try {
    const code = await bundle(options);
    const cache = await warm(code, folder);
    const header = Buffer.alloc(8);
    header.writeUInt32LE(cache.length);
    // Renamed into place whole: what starts meanwhile gets the old one or the new.
    const temporary = `${image}.${process.pid}.tmp`;
    await writeFile(temporary, [header, cache, Buffer.from(code, 'latin1')]);
    await rename(temporary, image);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** A function of `require`, without a character beyond ASCII. */
const bundle = async (options: InputOptions): Promise<string> => {
  const build = await rolldown(options);
  try {
    const { output } = await build.generate({
      format: 'cjs',
      codeSplitting: false,
    });
    const code = output[0].code.replaceAll(
      // By code units, which also a regular expression without the flag "u" takes.
      /[^\0-\x7f]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    return `(function (require) {'use strict';${code}\n})`;
  } finally {
    await build.close();
  }
};

/**
 * What V8 has compiled by the time that a host waits for its first frame. The
 * flags of a process must be those of a host, as far as V8 compares them.
 */
const warm = async (code: string, folder: string): Promise<Buffer> => {
  const [source, cache] = [join(folder, 'code'), join(folder, 'cache')];
  await writeFile(source, code);
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--eval', producer, source, cache],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] },
  );
  if (status !== 0) {
    throw Error(`a vat host does not start: ${stderr.toString()}`);
  }
  return readFile(cache);
};

const producer = `
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const [, source, cache] = process.argv;
process.argv = [process.execPath, source, '{}'];
const script = new Script(readFileSync(source, 'latin1'), { filename: 'file:vat-host.js' });
script.runInThisContext()((name) => process.getBuiltinModule(name));
writeFileSync(cache, script.createCachedData());
process.exit(0);`;
