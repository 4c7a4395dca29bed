import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCheck } from './run-check.ts';

const program = fileURLToPath(
  new URL('fixtures/small-check.ts', import.meta.url),
);

const run = async (what: string, deadlineMs = 15_000) => {
  process.env['SMALL_CHECK'] = what;
  try {
    return await runCheck({
      id: 'small',
      program,
      mode: 'full',
      seed: 7,
      deadlineMs,
    });
  } finally {
    delete process.env['SMALL_CHECK'];
  }
};

describe('a check', () => {
  it('passes if it says so and ends well', async () => {
    expect(await run('pass')).toMatchObject({
      id: 'small',
      pass: true,
      value: 'full 7',
      seed: 7,
      mode: 'full',
    });
  });

  it.each([
    ['fail', 'full 7'],
    ['throw', 'it broke off: bad luck'],
    ['crash', 'it ended with exit code 3 and without a verdict'],
    ['silent', 'it ended with exit code 0 and without a verdict'],
    ['lie', 'it ended with exit code 1 and without a verdict'],
  ])('that does not (%s) has failed', async (what, value) => {
    expect(await run(what)).toMatchObject({ id: 'small', pass: false, value });
  });

  it('that does not end has failed, and is ended', async () => {
    const verdict = await run('hang', 1500);
    expect(verdict).toMatchObject({
      pass: false,
      value: 'it did not end within 1.5 s',
    });
  });

  it('that is not there has failed', async () => {
    const verdict = await runCheck({
      id: 'none',
      program: `${program}.none`,
      mode: 'quick',
      seed: 1,
      deadlineMs: 15_000,
    });
    expect(verdict).toMatchObject({ id: 'none', pass: false });
  });

  it('leaves no folder behind', async () => {
    const folders = (): readonly string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith('score-'));
    const before = folders();
    await run('pass');
    expect(folders().filter((name) => !before.includes(name))).toStrictEqual(
      [],
    );
  });
});
