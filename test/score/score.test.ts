/** The runner with real daemons: the fastest checks, and one that does not end. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCheck } from '../../scripts/score/run-check.ts';
import { repositoryRoot } from '../support/home.ts';
import { isAlive } from '../support/processes.ts';
import { run } from '../support/run.ts';

it('runs checks by number and id, and prints a table of them', async () => {
  const program = join(repositoryRoot, 'scripts/score.ts');
  const chosen = ['25', 'proto-pollution', '--seed=7'];
  const { stdout, code } = await run(process.execPath, [program, ...chosen]);
  expect(stdout).toMatch(/\| 24 +\| proto-pollution +\| yes /u);
  expect(stdout).toMatch(/\| 25 +\| globals-census +\| yes /u);
  expect(stdout).toMatch(/2 passed, 0 failed; \d+ of the 40 checks are not/u);
  expect(code).toBe(0);
}, 60_000);

it('ends the daemon of a check that had to be killed', async () => {
  process.env['SMALL_CHECK'] = 'spin';
  let notes = '';
  const verdict = await runCheck({
    id: 'small',
    program: fileURLToPath(
      new URL('../../scripts/score/fixtures/small-check.ts', import.meta.url),
    ),
    mode: 'quick',
    seed: 1,
    deadlineMs: 4000,
    onNote: (text) => {
      notes += text;
    },
  });
  delete process.env['SMALL_CHECK'];
  expect(verdict).toMatchObject({ pass: false });
  const pid = Number(/daemon (\d+)/u.exec(notes)?.[1]);
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
}, 60_000);
