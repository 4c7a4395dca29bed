/**
 * What plain SES makes of files of test262: what may be expected of a vat. In a
 * process of its own, which a file that loops or breaks it ends; the next file
 * then has a new one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestFile } from './corpus.ts';

export type Order = Readonly<{ harness: string; files: readonly TestFile[] }>;

const program = fileURLToPath(new URL('baseline-worker.ts', import.meta.url));

/** For Node and SES. */
const START_MS = 30_000;
/** Of processor time: one that loops ends even if this process is no more. */
const limited = 'ulimit -t 240; exec "$0" "$@"';

/** For each file '' if it passes, and else what was wrong. */
export const runBaseline = async (
  { harness, files }: Order,
  fileMs: number,
): Promise<readonly string[]> => {
  const verdicts: string[] = [];
  while (verdicts.length < files.length) {
    const left = files.slice(verdicts.length);
    const found = await runUntilBroken({ harness, files: left }, fileMs);
    verdicts.push(...found);
  }
  return verdicts;
};

/** The verdicts of one process; the last one may be that it ended there. */
const runUntilBroken = async (
  order: Order,
  fileMs: number,
): Promise<readonly string[]> => {
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, program], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  let late = setTimeout(kill, START_MS);
  // The first line tells that it begins.
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(JSON.parse(line) as string);
    clearTimeout(late);
    late = setTimeout(kill, fileMs);
  });
  // It may be gone before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(order));
  const [code, signal] = await once(child, 'close');
  clearTimeout(late);
  if (said.length === 0) throw Error('plain SES did not start');
  const verdicts = said.slice(1);
  return verdicts.length === order.files.length
    ? verdicts
    : [...verdicts, `it ended its process: ${signal ?? code}`];
};
