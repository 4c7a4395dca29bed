/**
 * `npm test`: builds, runs every test, and ends with one line that people and
 * CI read alike: `N passed, N failed`. Arguments go to vitest as they are.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tally, type Tally, type VitestReport } from './tally.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
// The Node of this project comes before whatever the machine has.
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
};

const run = (command: string, args: readonly string[]): number =>
  spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;

const readTally = (reportPath: string): Tally => {
  try {
    return tally(JSON.parse(readFileSync(reportPath, 'utf8')) as VitestReport);
  } catch (error) {
    console.error('vitest left no report:', error);
    return { passed: 0, failed: 0 };
  }
};

const test = (reportPath: string): number => {
  const built = run(process.execPath, ['scripts/build.ts']);
  if (built !== 0) {
    console.error('The build failed, so no test was run.');
  }
  const exitCode =
    built ||
    run('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
      ...process.argv.slice(2),
    ]);
  const { passed, failed } =
    built === 0 ? readTally(reportPath) : { passed: 0, failed: 0 };
  console.log(`${passed} passed, ${failed} failed`);
  // A run in which nothing ran has shown nothing.
  return passed === 0 || failed > 0 ? exitCode || 1 : exitCode;
};

const folder = mkdtempSync(join(tmpdir(), 'ocap-test-'));
try {
  process.exitCode = test(join(folder, 'report.json'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
