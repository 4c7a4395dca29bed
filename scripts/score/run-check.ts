/**
 * Runs one check as a process of its own, with a deadline. Whatever does not
 * end in time with a verdict that says so has not passed. Nothing of it is left
 * afterwards: all its homes are in one folder, and so all its daemons are found.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDaemon, pathsOf } from '@ocap/nodejs/client';
import { gone, sendSignal } from '../../test/support/processes.ts';
import type { Mode } from '../../test/score/tools/check.ts';
import { findVerdict, type Verdict } from '../../test/score/tools/verdict.ts';

type Options = Readonly<{
  id: string;
  /** What Node runs. */
  program: string;
  mode: Mode;
  seed: number;
  deadlineMs: number;
  /** Told what the check says while it runs. */
  onNote?: (text: string) => void;
  /** Ends it before its time. */
  signal?: AbortSignal;
}>;

/** How long a check that was told to end may take to clean up. */
const CLEAN_UP_MS = 5_000;
const KEPT_CHARS = 4_000;

type Ended = Readonly<{
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  inTime: boolean;
}>;

export const runCheck = async (options: Options): Promise<Verdict> => {
  const begun = performance.now();
  // Short: a home is in it, and the path of a socket has 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'score-'));
  try {
    const ended = await runProgram(options, folder);
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    return judgeEnd(ended, options, seconds);
  } finally {
    await sweep(folder);
  }
};

const runProgram = async (
  { program, mode, seed, deadlineMs, onNote, signal }: Options,
  folder: string,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const args = mode === 'full' ? ['--full'] : [];
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        program,
        ...args,
        `--seed=${seed}`,
      ],
      {
        env: { ...process.env, TMPDIR: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    let inTime = true;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT_CHARS);
      onNote?.(text);
    });
    const timers: NodeJS.Timeout[] = [];
    const end = (): void => {
      child.kill('SIGTERM');
      timers.push(setTimeout(() => child.kill('SIGKILL'), CLEAN_UP_MS));
    };
    const onDeadline = (): void => {
      inTime = false;
      end();
    };
    timers.push(setTimeout(onDeadline, deadlineMs));
    signal?.addEventListener('abort', end, { once: true });
    child.on('error', reject);
    child.on('close', (code, by) => {
      timers.forEach(clearTimeout);
      signal?.removeEventListener('abort', end);
      resolve({ stdout, stderr, code, signal: by, inTime });
    });
  });

/** The verdict that it gave, if it ended in its own time and said the same by its exit code. */
const judgeEnd = (
  { stdout, stderr, code, signal, inTime }: Ended,
  { id, mode, seed, deadlineMs }: Options,
  seconds: number,
): Verdict => {
  const found = findVerdict(stdout, id);
  if (inTime && found !== undefined && code === (found.pass ? 0 : 1)) {
    return found;
  }
  const how = signal === null ? `exit code ${code}` : signal;
  return {
    id,
    pass: false,
    value: inTime
      ? `it ended with ${how} and without a verdict`
      : `it did not end within ${deadlineMs / 1000} s`,
    limit: 'that it can be run to its end',
    seed,
    seconds,
    mode,
    details: stderr.trimEnd().split('\n').slice(-10),
  };
};

/** Ends the daemons whose homes are in the folder, and deletes it. */
const sweep = async (folder: string): Promise<void> => {
  for (const name of readdirSync(folder)) {
    const daemon = findDaemon(pathsOf(join(folder, name)));
    if (daemon !== undefined) {
      sendSignal(daemon.pid, 'SIGKILL');
      await gone(daemon.pid);
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
};
