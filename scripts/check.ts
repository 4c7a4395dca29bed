/**
 * `npm run check`: everything that can be said about the code without starting
 * a daemon, two checks at a time. `--static` leaves the unit tests out.
 */
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../test/support/run.ts';

type Check = Readonly<{ name: string; command: string; args: string[] }>;

// The slow ones first, so that the short ones fill the gaps.
const checks: readonly Check[] = [
  { name: 'types', command: 'tsc', args: ['-p', '.'] },
  { name: 'lint', command: 'eslint', args: ['.', '--max-warnings=0'] },
  { name: 'unit tests', command: 'vitest', args: ['run', '--project=unit'] },
  { name: 'format', command: 'prettier', args: ['--check', '.'] },
  { name: 'dead code', command: 'knip', args: [] },
  {
    name: 'reference documents',
    command: 'node',
    args: ['scripts/reference.ts', '--check'],
  },
  {
    name: 'imports',
    command: 'depcruise',
    args: ['packages', 'scripts', 'test', 'bench', 'examples'],
  },
  {
    name: 'what the CLI loads',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.runtime.cjs', 'packages'],
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const env = {
  ...process.env,
  NO_COLOR: '1',
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
};

/** Runs one check and says how it went; a failed one shows what it printed. */
const passes = async ({ name, command, args }: Check): Promise<boolean> => {
  const started = performance.now();
  const { stdout, stderr, code } = await run(command, args, {
    cwd: root,
    env,
    deadlineMs: 600_000,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = code === 0;
  console.log(`${ok ? 'ok    ' : 'failed'}  ${name}  ${seconds} s`);
  if (!ok) {
    console.log(`${stdout}${stderr}`.trimEnd().replaceAll(/^/gmu, '    '));
  }
  return ok;
};

const isStatic = process.argv.includes('--static');
const queue = checks.filter(
  ({ command }) => !(isStatic && command === 'vitest'),
);
const failed: string[] = [];

const work = async (): Promise<void> => {
  for (let check = queue.shift(); check; check = queue.shift()) {
    if (!(await passes(check))) failed.push(check.name);
  }
};

await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, work),
);
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
