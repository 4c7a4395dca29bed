import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { builtFile } from '../built-file.ts';

// The flag of a host that V8 compares; without it the cache is of no use.
const look = (image: string, ...flags: string[]): string =>
  execFileSync(process.execPath, [
    ...flags,
    '--eval',
    `const { readFileSync } = require('node:fs');
     const image = readFileSync(${JSON.stringify(image)});
     const codeAt = 8 + image.readUInt32LE(0);
     const script = new (require('node:vm').Script)(image.toString('latin1', codeAt), {
       filename: 'file:vat-host.js',
       cachedData: image.subarray(8, codeAt),
     });
     process.stdout.write(String(script.cachedDataRejected));`,
  ]).toString();

it('what V8 has made of the code of a host is taken by a host', () => {
  const image = builtFile('vat-host.image');
  expect(look(image, '--expose-gc')).toBe('false');
  // So it does look: of other flags, or another version, it takes nothing.
  expect(look(image)).toBe('true');
});

it('the code of a host is ASCII, so that it is read as it is', () => {
  const image = readFileSync(builtFile('vat-host.image'));
  const code = image.subarray(8 + image.readUInt32LE(0));
  expect(code.every((byte) => byte < 0x80)).toBe(true);
});
