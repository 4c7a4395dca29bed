import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { makeOutput, type Terminal } from './output.ts';
import { makeTell, type Tell } from './tell.ts';

let written: { stdout: string; stderr: string };
beforeEach(() => {
  written = { stdout: '', stderr: '' };
});

const stream = (name: 'stdout' | 'stderr', isTTY: boolean): Terminal =>
  Object.assign(
    new Writable({
      write: (chunk, _encoding, done) => {
        written[name] += String(chunk);
        done();
      },
    }),
    { isTTY },
  );

const makeTells = (isTTY: boolean, json = false): Tell =>
  makeTell(
    makeOutput({
      stdout: stream('stdout', isTTY),
      stderr: stream('stderr', isTTY),
      env: { NO_COLOR: '1' },
      json,
    }),
  );

const tellAll = (tell: Tell): void => {
  const error = new CliError('NO_LOG', { path: '/x' });
  tell.event('upgraded', { vat: 'v1' }, (style) => style.bold('v1 upgraded'));
  tell.problem('problem', { vat: 'v1' }, error, 'v1 goes on');
};

const message = 'There is no log at /x yet: no daemon has run there.';

describe('what is told', () => {
  it('is for people on a terminal, problems apart', () => {
    tellAll(makeTells(true));
    expect(written).toStrictEqual({
      stdout: 'v1 upgraded\n',
      stderr: `✗ ${message}\n  v1 goes on\n`,
    });
  });

  it.each([
    ['in a pipe', false, false],
    ['with --json', true, true],
  ])('is one line of JSON for each event %s', (_where, isTTY, json) => {
    tellAll(makeTells(isTTY, json));
    const lines = written.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toStrictEqual([
      { event: 'upgraded', vat: 'v1' },
      { event: 'problem', vat: 'v1', code: 'NO_LOG', message },
    ]);
    expect(written.stderr).toBe('');
  });
});
