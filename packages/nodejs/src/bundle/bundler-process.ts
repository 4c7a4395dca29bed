/**
 * One bundler process from the daemon's side: paths in, bundles out. It is
 * trusted as the daemon is, but it may hang or die on an odd source, and then
 * whoever waits for it is told.
 */
import { spawn } from 'node:child_process';
import {
  encodeLine,
  ifDefined,
  limits,
  makeLineDecoder,
  messageOf,
  type Logger,
} from '@ocap/kernel-utils';
import { builtFile } from '../built-file.ts';
import type { BundleAnswer, BundleRequest } from './bundle-messages.ts';

/** A bundle as a JSON string: at most every character of it escaped. */
const MAX_LINE_BYTES = 2 * limits.bundleBytes.value + 1024;

/** A source that imports a pipe or a device would be read for ever. */
const BUNDLING_MS = 60_000;

export type BundlerProcess = Readonly<{
  /** The text of the bundle. Rejects with words for the author of the source. */
  bundle(path: string): Promise<string>;
  /** Nothing more is asked of it: it ends by itself. */
  retire(): void;
  kill(reason: string): void;
  /** How it ended; nobody waits for it any more. */
  ended: Promise<string>;
}>;

type Waiting = Readonly<{
  resolve(text: string): void;
  reject(error: Error): void;
  deadline: NodeJS.Timeout;
}>;

export const spawnBundler = (logger: Logger): BundlerProcess => {
  const child = spawn(process.execPath, [builtFile('bundler.mjs')], {
    env: ifDefined({ NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
    cwd: '/',
    stdio: 'pipe',
  });
  const pid = child.pid;
  logger.debug('a bundler was started', { pid });
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<string>();
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let reason: string | undefined;
  let stderr = '';

  const kill = (why: string): void => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const end = (how: string): void => {
    reason ??= how;
    logger.debug('a bundler has ended', { pid, reason, stderr });
    for (const { reject, deadline } of waiting.values()) {
      clearTimeout(deadline);
      reject(Error(`the bundler was lost: ${reason}`));
    }
    waiting.clear();
    onEnded(reason);
  };
  child.on('error', ({ message }) => end(`it could not start: ${message}`));
  // Not `exit`: its last answers may still be in the pipe.
  child.on('close', (code, signal) => end(`it ended with ${signal ?? code}`));
  // The end of the process tells everything; a broken pipe only precedes it.
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-4096);
  });

  const decoder = makeLineDecoder({ maxLineBytes: MAX_LINE_BYTES });
  child.stdout.on('data', (chunk: Buffer) => {
    const { lines, problem } = decoder.push(chunk);
    try {
      for (const line of lines) {
        settle(waiting, JSON.parse(line) as BundleAnswer);
      }
    } catch (error) {
      kill(`it broke the protocol: ${messageOf(error)}`);
    }
    if (problem !== undefined) {
      kill(`it broke the protocol: a line is ${problem}`);
    }
  });

  return {
    bundle: async (path) =>
      new Promise((resolve, reject) => {
        if (reason !== undefined) {
          reject(Error(`the bundler was lost: ${reason}`));
          return;
        }
        const request: BundleRequest = { id: ++lastId, path };
        const late = `it took longer than ${BUNDLING_MS / 1000} s`;
        const deadline = setTimeout(() => kill(late), BUNDLING_MS);
        waiting.set(request.id, { resolve, reject, deadline });
        child.stdin.write(encodeLine(request));
      }),
    retire: () => child.stdin.end(),
    kill,
    ended,
  };
};

const settle = (waiting: Map<number, Waiting>, answer: BundleAnswer): void => {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  clearTimeout(asked?.deadline);
  if ('text' in answer) {
    asked?.resolve(answer.text);
  } else {
    asked?.reject(Error(answer.problem));
  }
};
