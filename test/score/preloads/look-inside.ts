/**
 * Loaded into the daemon's process before its own program. On SIGUSR2 it reads
 * the order in `SCORE_TALK`.order, and answers in `SCORE_TALK` what nobody can
 * see from outside: what its heap holds after a collection, but for code, and
 * what its prototypes have. The order may also move the clock on, because leases take a
 * day to end.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { dataOnHeap } from '../../../packages/nodejs/src/vat-host/data-on-heap.ts';

const path = process.env['SCORE_TALK'] ?? '';
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const RealDate = globalThis.Date;
let aheadMs = 0;
// A class of its own: under lockdown the real one cannot be changed.
const MovedDate = class extends RealDate {
  static override now(): number {
    return RealDate.now() + aheadMs;
  }
};

const classes = [
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  Error,
  Promise,
  Map,
  Set,
  WeakMap,
  RegExp,
  Date,
  ArrayBuffer,
  Uint8Array,
  Buffer,
];

const prototypes = (): readonly string[] =>
  classes.map(
    ({ name, prototype }) =>
      `${name}: ${Reflect.ownKeys(prototype as object)
        .map(String)
        .join()}`,
  );

process.on('SIGUSR2', () => {
  const order = JSON.parse(readFileSync(`${path}.order`, 'utf8')) as Readonly<{
    aheadMs: number;
    /** Otherwise only the clock is moved. */
    look: boolean;
  }>;
  rmSync(`${path}.order`);
  aheadMs = order.aheadMs;
  globalThis.Date = MovedDate as DateConstructor;
  if (!order.look) {
    answer({});
    return;
  }
  // Weak references are let go of in turns of their own.
  gc();
  setTimeout(() => {
    gc();
    const { external } = process.memoryUsage();
    answer({ bytes: dataOnHeap() + external, prototypes: prototypes() });
  }, 50);
});

const answer = (found: object): void => {
  writeFileSync(`${path}.new`, JSON.stringify(found));
  renameSync(`${path}.new`, path);
};
