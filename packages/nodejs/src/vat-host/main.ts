/**
 * Entry point of a vat host process. Its only ways out are two pipes to the
 * daemon: descriptor 3 for frames, descriptor 4 for synchronous reads of the
 * vatstore. When the daemon goes, it goes.
 */
import './lockdown.ts';
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import {
  makeHost,
  makeSharedRegistry,
  type ReadReply,
  type ReadRequest,
} from '@ocap/kernel/vat';
import {
  encodeLine,
  makeLineDecoder,
  type LimitValues,
} from '@ocap/kernel-utils';
import { dataOnHeap } from './data-on-heap.ts';

const FRAMES_FD = 3;
const READS_FD = 4;
/** A character takes one or two bytes; the heap is there for what vats make. */
const HEAP_PER_CACHE = 32;

const nextTurn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Loaded for a vat that is given chance: that takes longer than a small vat does. */
const crypto = () => process.getBuiltinModule('node:crypto');

const readBuffer = Buffer.alloc(64 * 1024);

/** Blocks until the daemon has answered. */
const read = (request: ReadRequest): ReadReply => {
  writeSync(READS_FD, encodeLine(request));
  // The daemon is believed: its answers have no cap.
  const decoder = makeLineDecoder({ maxLineBytes: Number.MAX_SAFE_INTEGER });
  for (;;) {
    const count = readSync(READS_FD, readBuffer);
    if (count === 0) {
      process.exit(0);
    }
    const [line] = decoder.push(readBuffer.subarray(0, count)).lines;
    if (line !== undefined) {
      return JSON.parse(line) as ReadReply;
    }
  }
};

const frames = new Socket({ fd: FRAMES_FD });
frames.on('error', () => process.exit(1));
frames.on('close', () => process.exit(0));

const limits = JSON.parse(process.argv[2] ?? '{}') as LimitValues;

const host = makeHost({
  send: (frame) => frames.write(encodeLine(frame)),
  read,
  gcTools: {
    WeakRef,
    FinalizationRegistry: makeSharedRegistry(),
    waitUntilQuiescent: nextTurn,
    gcAndFinalize: async () => {
      // Finalizers run in a turn of their own after the collection.
      await nextTurn();
      await nextTurn();
      globalThis.gc?.(); // not to be had in a vat's Compartment
      await nextTurn();
      await nextTurn();
    },
  },
  heapBytes: dataOnHeap,
  cacheChars: limits.hostHeapBytes / HEAP_PER_CACHE,
  timers: {
    after: (ms, task) => {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
  },
  epoch: () => Date.now(),
  randomBytes: (bytes) => {
    crypto().randomFillSync(bytes);
  },
  randomUUID: () => crypto().randomUUID(),
  limits,
});

// A rejection that nobody handles is the business of the vat that made it.
process.on('unhandledRejection', () => undefined);

const decoder = makeLineDecoder({ maxLineBytes: Number.MAX_SAFE_INTEGER });
frames.on('data', (chunk: Buffer) => {
  for (const line of decoder.push(chunk).lines) {
    host.receive(JSON.parse(line) as Parameters<typeof host.receive>[0]);
  }
});
