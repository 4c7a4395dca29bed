/**
 * Starts a vat host: its code, from one file with what V8 has made of it when it
 * was built (`scripts/build-vat-host.ts`). To parse and compile it anew would
 * take a third of the time that a host needs to be there. V8 looks by itself
 * whether that is of its own version, and else compiles.
 */
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

/** Bytes before what V8 has made, which tell how long that is. */
const HEADER_BYTES = 8;

const image = readFileSync(new URL('vat-host.image', import.meta.url));
const codeAt = HEADER_BYTES + image.readUInt32LE(0);
const script = new Script(image.toString('latin1', codeAt), {
  // By which the stacks of vats know the host's own frames, and leave them out.
  filename: 'file:vat-host.js',
  cachedData: image.subarray(HEADER_BYTES, codeAt),
});

type Run = (require: typeof process.getBuiltinModule) => void;
(script.runInThisContext() as Run)((name: string) =>
  process.getBuiltinModule(name),
);
