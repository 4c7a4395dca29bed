/**
 * Runs one program to its end and keeps what it printed. A program that does
 * not end is killed at the deadline, so a test never leaves one behind.
 */
import { spawn } from 'node:child_process';

export type Run = Readonly<{
  stdout: string;
  stderr: string;
  /** The exit code; -1 if a signal ended it. */
  code: number;
}>;

export type RunOptions = Readonly<{
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What the program reads on its standard input; nothing by default. */
  input?: string;
  deadlineMs?: number;
}>;

export const run = async (
  command: string,
  args: readonly string[],
  { cwd, env = process.env, input = '', deadlineMs = 60_000 }: RunOptions = {},
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'pipe' });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...texts, code: code ?? -1 });
    });
    // A program that ends without reading closes the pipe; that is no failure.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
