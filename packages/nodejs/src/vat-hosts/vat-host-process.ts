/**
 * One vat host process from the daemon's side: how it is confined, and how its
 * two pipes become lines. What it may do is nothing but compute: an empty
 * environment, no files but its own code, no processes, no network (Node's
 * permission model), and limits on memory set by V8 and by the OS.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import type { HostEvents, ToHost, VatHost } from '@ocap/kernel';
import {
  encodeLine,
  makeLineDecoder,
  messageOf,
  type LimitValues,
  type Logger,
} from '@ocap/kernel-utils';
import { builtFile } from '../built-file.ts';
import type { HostReaper } from './host-reaper.ts';
import { noteLine } from './large-lines.ts';

const MiB = 1024 * 1024;
/** Linux counts pages; nearly everywhere they have this size. */
const PAGE_BYTES = 4096;
/** How old a figure of a host's memory may be. */
const MEMORY_AGE_MS = 250;
const MAX_READ_BYTES = 1 * MiB;

export type VatHostProcess = Readonly<{
  pid: number;
  memoryBytes(): number;
  /** Gives it to a kernel; until then it only waits. */
  adopt(events: HostEvents): VatHost;
  kill(reason: string): void;
  ended: Promise<string>;
}>;

export const spawnVatHost = ({
  logger,
  limits,
  reaper,
}: Readonly<{
  logger: Logger;
  limits: LimitValues;
  reaper: HostReaper;
}>): VatHostProcess => {
  const child = spawnConfined(limits, reaper.token);
  reaper.add(child.pid);
  let events: HostEvents | undefined;
  let reason: string | undefined;
  let stderr = '';
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<string>();

  const kill = (why: string): void => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const end = (how: string): void => {
    reaper.remove(child.pid);
    reason ??= how;
    if (stderr !== '') {
      logger.debug('what a vat host said at its end', {
        pid: child.pid,
        stderr,
      });
    }
    onEnded(reason);
    events?.onEnd(reason);
  };
  child.on('error', (error) =>
    end(`it could not be started: ${error.message}`),
  );
  child.on('exit', (code, signal) => end(describeExit(code, signal)));
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-4096);
  });

  const frames = child.stdio[3] as Duplex;
  const reads = child.stdio[4] as Duplex;
  // JSON of a crank at its limits, with room for escapes.
  const maxFrameBytes = 4 * limits.crankBytes;
  onLines(logger, frames, maxFrameBytes, kill, (line) => events?.onLine(line));
  onLines(logger, reads, MAX_READ_BYTES, kill, (line) => {
    if (events !== undefined) {
      reads.write(encodeLine(events.onRead(line)));
    }
  });

  const writeFrames = batchWrites(frames);
  const memoryBytes = remembered(() => residentBytes(child.pid));
  return {
    pid: child.pid ?? 0,
    memoryBytes,
    kill,
    ended,
    adopt: (kernelEvents) => {
      events = kernelEvents;
      return {
        pid: child.pid ?? 0,
        send: (frame: ToHost) => writeFrames(encodeLine(frame)),
        kill,
        memoryBytes,
      };
    },
  };
};

const spawnConfined = (limits: LimitValues, token: string): ChildProcess => {
  const entry = builtFile('vat-host.mjs');
  const heapMiB = Math.floor(limits.hostHeapBytes / MiB);
  const dataKiB = Math.floor(limits.hostDataBytes / 1024);
  const node = [
    process.execPath,
    '--permission',
    `--allow-fs-read=${dirname(entry)}/`,
    `--max-old-space-size=${heapMiB}`,
    '--expose-gc',
    '--disable-warning=SecurityWarning',
    entry,
    JSON.stringify(limits),
    token,
  ];
  // `ulimit -d` has the OS refuse memory beyond V8's heap (ArrayBuffers); the
  // shell is replaced by node, so the pid is the host's. `env -i` takes away
  // what the shell itself exports.
  const command =
    process.platform === 'win32'
      ? node
      : [
          '/bin/sh',
          '-c',
          `ulimit -d ${dataKiB} && exec /usr/bin/env -i "$0" "$@"`,
          ...node,
        ];
  const [file = '', ...args] = command;
  return spawn(file, args, {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
};

const onLines = (
  logger: Logger,
  stream: Duplex,
  maxLineBytes: number,
  kill: (reason: string) => void,
  onLine: (line: string) => void,
): void => {
  const decoder = makeLineDecoder({ maxLineBytes });
  stream.on('data', (chunk: Buffer) => {
    const { lines, problem } = decoder.push(chunk);
    try {
      for (const line of lines) {
        onLine(line);
        noteLine(line.length);
      }
    } catch (error) {
      // Either its reads broke the rules, or a fault of ours met its frame.
      logger.error('A vat host was ended after a fault.', { err: error });
      kill(`it met a fault: ${messageOf(error)}`);
    }
    if (problem !== undefined) {
      kill(`it broke the protocol: a line is ${problem}`);
    }
  });
  // The end of the process tells everything; a broken pipe only precedes it.
  stream.on('error', () => undefined);
};

/** One write for all the frames of a turn. */
const batchWrites = (stream: Duplex): ((text: string) => void) => {
  let pending: string[] = [];
  return (text) => {
    pending.push(text);
    if (pending.length === 1) {
      queueMicrotask(() => {
        stream.write(pending.join(''));
        pending = [];
      });
    }
  };
};

const describeExit = (
  code: number | null,
  signal: NodeJS.Signals | null,
): string => {
  if (signal === 'SIGABRT' || code === 134) {
    return 'its process ran out of memory';
  }
  return signal === null
    ? `its process ended with exit code ${code}`
    : `its process was ended by ${signal}`;
};

/** Reading it takes four system calls, and a status may be asked for all the time. */
const remembered = (read: () => number): (() => number) => {
  let value = 0;
  let readAt = -Infinity;
  return () => {
    const now = performance.now();
    if (now - readAt > MEMORY_AGE_MS) {
      value = read();
      readAt = now;
    }
    return value;
  };
};

const residentBytes = (pid: number | undefined): number => {
  try {
    const [, resident] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(
      ' ',
    );
    return Number(resident) * PAGE_BYTES;
  } catch {
    return 0; // gone, or a system without /proc
  }
};
