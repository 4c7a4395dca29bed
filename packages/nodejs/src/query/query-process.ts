/**
 * One process for queries from the daemon's side: one query at a time, and an
 * end to each. It runs code of ours only, but what it is asked for may take any
 * time and any memory.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { QueryRow } from '@ocap/kernel';
import {
  encodeLine,
  makeLineDecoder,
  type LimitValues,
  type Logger,
} from '@ocap/kernel-utils';
import { builtFile } from '../built-file.ts';
import type {
  FromQueryProcess,
  QueryAnswer,
  QueryRequest,
} from './query-messages.ts';

export type QueryLimits = Pick<
  LimitValues,
  'queryMs' | 'queryRows' | 'queryBytes'
>;

export type QueryProcess = Readonly<{
  /** Rejects with what is wrong with the query, in words for whoever wrote it. */
  run(sql: string): Promise<readonly QueryRow[]>;
  /** It has worked for so long that the next query may be too much for it. */
  isWorn(): boolean;
  kill(reason: string): void;
  /** How it ended. */
  ended: Promise<string>;
}>;

type Options = Readonly<{
  databasePath: string;
  limits: QueryLimits;
  logger: Logger;
}>;

const START_MS = 30_000;
const HEAP_MIB = 128;
const DATA_KIB = 1024 * 1024;

export const spawnQueryProcess = ({
  databasePath,
  limits,
  logger,
}: Options): QueryProcess => {
  const child = spawnConfined(databasePath, limits);
  const { pid } = child;
  logger.debug('a process for queries was started', { pid });
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<string>();
  /** It is ready, or will never be. */
  const { promise: begun, resolve: onBegun } = Promise.withResolvers<void>();
  const slow = setTimeout(() => kill('its process did not start'), START_MS);
  slow.unref();
  let onAnswer: (answer: QueryAnswer) => void = () => undefined;
  let reason: string | undefined;
  let hasEnded = false;
  let stderr = '';
  let workedMs = 0;

  const kill = (why: string): void => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const end = (how: string): void => {
    reason ??= how;
    logger.debug('a process for queries has ended', { pid, reason, stderr });
    hasEnded = true;
    onStarted();
    onEnded(reason);
    onAnswer({ refused: reason });
  };
  const onStarted = (): void => {
    clearTimeout(slow);
    onBegun();
  };
  child.on('error', ({ message }) => end(`it could not be run: ${message}`));
  // Not `exit`: its last answer may still be in the pipe.
  child.on('close', (code, signal) =>
    end(`it needs too much (its process ended with ${signal ?? code})`),
  );
  // The end of the process tells everything; a broken pipe only precedes it.
  child.stdin?.on('error', () => undefined);
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-4096);
  });
  onMessages(child, limits, {
    onMessage: (said) => {
      if ('ready' in said) onStarted();
      else onAnswer(said);
    },
    onProblem: (problem) => kill(`its answer is ${problem}`),
  });

  // Nothing waits for `ended`, or for another promise of the whole process: each
  // query would leave something there.
  const ask = async (request: QueryRequest): Promise<QueryAnswer> =>
    new Promise((resolve) => {
      if (hasEnded) {
        resolve({ refused: reason ?? '' });
        return;
      }
      onAnswer = resolve;
      child.stdin?.write(encodeLine(request));
    });

  return {
    run: async (sql) => {
      await begun;
      const asked = performance.now();
      const seconds = limits.queryMs / 1000;
      const late = setTimeout(
        () => kill(`it took longer than ${seconds} s`),
        limits.queryMs,
      );
      const answer = await ask({ sql });
      clearTimeout(late);
      workedMs += performance.now() - asked;
      if ('refused' in answer) throw Error(answer.refused);
      return answer.rows;
    },
    isWorn: () => workedMs > limits.queryMs,
    kill,
    ended,
  };
};

const onMessages = (
  { stdout }: ChildProcess,
  { queryBytes, queryRows }: QueryLimits,
  {
    onMessage,
    onProblem,
  }: Readonly<{
    onMessage(message: FromQueryProcess): void;
    onProblem(problem: string): void;
  }>,
): void => {
  // The rows, and what stands between them.
  const maxLineBytes = 2 * queryBytes + queryRows + 1024;
  const decoder = makeLineDecoder({ maxLineBytes });
  stdout?.on('data', (chunk: Buffer) => {
    const { lines, problem } = decoder.push(chunk);
    for (const line of lines) onMessage(JSON.parse(line) as FromQueryProcess);
    if (problem !== undefined) onProblem(problem);
  });
};

/**
 * The OS bounds its memory, and its time: while a query runs it cannot notice
 * that its daemon was killed. A process that has worked for `queryMs` is given
 * no more to do, so the last query never meets the bound.
 */
const spawnConfined = (
  databasePath: string,
  { queryMs, ...caps }: QueryLimits,
): ChildProcess => {
  const node = [
    process.execPath,
    `--max-old-space-size=${HEAP_MIB}`,
    builtFile('query.mjs'),
    databasePath,
    JSON.stringify(caps),
  ];
  const seconds = Math.ceil((3 * queryMs) / 1000) + 10;
  const command =
    process.platform === 'win32'
      ? node
      : [
          '/bin/sh',
          '-c',
          `ulimit -d ${DATA_KIB} && ulimit -t ${seconds} && exec "$0" "$@"`,
          ...node,
        ];
  const [file = '', ...args] = command;
  return spawn(file, args, { env: {}, cwd: '/', stdio: 'pipe' });
};
