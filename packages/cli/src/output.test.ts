import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { makeOutput, type Output } from './output.ts';

type Streams = Readonly<{ output: Output; read: () => [string, string] }>;

const open = (
  isTTY: boolean,
  json = false,
  env: Record<string, string> = {},
): Streams => {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  return {
    output: makeOutput({ stdout, stderr, json, env }),
    read: () => [readAll(stdout), readAll(stderr)],
  };
};

const readAll = (stream: PassThrough): string => {
  const chunks: string[] = [];
  stream.setEncoding('utf8');
  for (;;) {
    const chunk: unknown = stream.read();
    if (typeof chunk !== 'string') {
      return chunks.join('');
    }
    chunks.push(chunk);
  }
};

const answer = {
  json: { n: 1 },
  text: (style: { bold: (text: string) => string }) => style.bold('one'),
};

describe('an answer', () => {
  it.each([
    ['text on a terminal', true, false, {}, '\u001b[1mone\u001b[22m\n'],
    [
      'without colour if NO_COLOR is set',
      true,
      false,
      { NO_COLOR: '1' },
      'one\n',
    ],
    [
      'without colour on a dumb terminal',
      true,
      false,
      { TERM: 'dumb' },
      'one\n',
    ],
    ['JSON in a pipe', false, false, {}, '{"n":1}\n'],
    ['JSON with --json', true, true, {}, '{"n":1}\n'],
  ])('is %s', (_title, isTTY, json, env, expected) => {
    const { output, read } = open(isTTY, json, env);
    output.answer(answer);
    expect(read()).toStrictEqual([expected, '']);
  });

  it('is nothing on a terminal if there is nothing to say, and null in a pipe', () => {
    const nothing = { json: undefined, text: () => '' };
    const terminal = open(true);
    terminal.output.answer(nothing);
    expect(terminal.read()).toStrictEqual(['', '']);
    const pipe = open(false);
    pipe.output.answer(nothing);
    expect(pipe.read()).toStrictEqual(['null\n', '']);
  });
});

describe('notes', () => {
  const noted = { json: 1, text: () => 'one', notes: ['mind\u001b\ndo this'] };

  it.each([
    ['follow the answer', true, false, ['one\n', '! mind\\x1b\n  do this\n']],
    ['stay out of a pipe', false, false, ['1\n', '! mind\\x1b\n  do this\n']],
    ['are not for programs', false, true, ['1\n', '']],
  ])('%s', (_title, isTTY, json, expected) => {
    const { output, read } = open(isTTY, json, { NO_COLOR: '1' });
    output.answer(noted);
    expect(read()).toStrictEqual(expected);
  });
});

describe('a failure', () => {
  const failure = { lines: ['bad', 'do this'], json: { code: 'X' } };

  it('goes to stderr, with what to do on the next line', () => {
    const { output, read } = open(false);
    output.fail(failure);
    expect(read()).toStrictEqual(['', '✗ bad\n  do this\n']);
  });

  it('is JSON with --json, and stdout stays empty', () => {
    const { output, read } = open(false, true);
    output.fail(failure);
    expect(read()).toStrictEqual(['', '{"error":{"code":"X"}}\n']);
  });

  it('cannot send escape sequences of a vat to the terminal', () => {
    const { output, read } = open(false);
    output.fail({ lines: ['\u001b[2Jgone'], json: {} });
    expect(read()[1]).toBe('✗ \\x1b[2Jgone\n');
  });
});

it('shows progress only where somebody looks on', () => {
  const pipe = open(false);
  pipe.output.progress('bundling');
  expect(pipe.read()).toStrictEqual(['', '']);
  const terminal = open(true, false, { NO_COLOR: '1' });
  terminal.output.progress('bundling');
  terminal.output.answer({ json: null, text: () => '' });
  expect(terminal.read()[1]).toBe('bundling\r\u001b[K');
});
