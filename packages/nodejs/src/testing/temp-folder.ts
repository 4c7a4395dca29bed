/** A folder for one test, deleted after it. Its path is short: sockets are made in it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const tempFolder = (): string => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ocap-io-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A named pipe, which Node.js cannot make itself. */
export const makePipe = (path: string): void => {
  execFileSync('env', ['mkfifo', path]);
};
