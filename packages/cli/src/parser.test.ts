import { describe, expect, it } from 'vitest';
import { makeCommandArguments } from './command.ts';
import { parseCommandLine, type Request } from './parser.ts';
import { parsePlainWords } from './plain-words.ts';

const parse = async (argv: readonly string[]): Promise<Request | undefined> =>
  parsePlainWords(argv) ?? (await parseCommandLine(argv));

describe('the words of a command', () => {
  it.each([
    [
      ['call', 'bank', 'help'],
      ['bank', 'help'],
    ],
    [
      ['call', 'bank', 'note', '"100"'],
      ['bank', 'note', '"100"'],
    ],
    [
      ['call', 'bank', 'note', '007', '1e3'],
      ['bank', 'note', '007', '1e3'],
    ],
    [
      ['call', 'bank', 'add', '-5'],
      ['bank', 'add', '-5'],
    ],
    [
      ['call', 'bank', 'add', '--', '-x', '--y'],
      ['bank', 'add', '-x', '--y'],
    ],
    [
      ['call', 'bank', 'set', ''],
      ['bank', 'set', ''],
    ],
    [
      ['call', 'bank', 'completion'],
      ['bank', 'completion'],
    ],
    [
      ['call', '--json', 'bank', 'help'],
      ['bank', 'help'],
    ],
    [
      ['--json', 'call', 'bank', '"x"', "'y'"],
      ['bank', '"x"', "'y'"],
    ],
    [['daemon', 'exec'], []],
    [
      ['--home', '/x', 'daemon', 'exec', 'a.b', '{"c.d": 1}'],
      ['a.b', '{"c.d": 1}'],
    ],
    [['names'], []],
  ])('of %j are taken as typed', async (argv, words) => {
    expect((await parse(argv))?.words).toStrictEqual(words);
  });

  it.each([
    [['daemon', 'exec', 'getStatus', '[]']],
    [['daemon', 'begone']],
    [['--json', 'daemon', 'start']],
    [['names', '--json', 'set', 'a', 'ko1', '--json']],
    [['names', 'set', 'a', 'ko1']],
    [['ps']],
    [['daemon', 'identity', 'backup']],
  ])('of %j are the same with and without the parser', async (argv) => {
    const quick = parsePlainWords(argv);
    const slow = await parseCommandLine(argv);
    expect(quick?.words).toStrictEqual(slow?.words);
    expect(quick?.load).toBe(slow?.load);
  });
});

it.each([
  [['--home', '/x', 'ps']],
  [['ps', '--json', 'true']],
  [['call', 'bank', 'add', '--', '--json']],
  [['ps', '--help', '--json']],
])('the parser is asked what %j means', (argv) => {
  expect(parsePlainWords(argv)).toBeUndefined();
});

describe('options', () => {
  it('are found before and after the command', async () => {
    const request = await parse([
      '--home',
      '/x',
      'call',
      'bank',
      'open',
      '--as',
      'alice',
      '--request-id',
      '007',
    ]);
    const args = makeCommandArguments(
      request?.words ?? [],
      request?.options ?? {},
    );
    expect(args.text('home')).toBe('/x');
    expect(args.text('as')).toBe('alice');
    expect(args.text('request-id')).toBe('007');
    expect(args.flag('json')).toBe(false);
  });

  it.each([
    ['twice', ['call', 'a', 'b', '--as', 'x', '--as', 'y']],
    ['without a value', ['call', 'a', 'b', '--as']],
  ])('given %s are refused', async (_title, argv) => {
    const request = await parse(argv);
    const args = makeCommandArguments([], request?.options ?? {});
    expect(() => args.text('as')).toThrow('--as');
  });
});

describe('an option that can be given several times', () => {
  const read = async (...argv: string[]): Promise<readonly string[]> => {
    const request = await parse(['daemon', 'start', ...argv]);
    return makeCommandArguments([], request?.options ?? {}).texts('listen');
  };

  it('is a list, in order', async () => {
    expect(await read()).toStrictEqual([]);
    expect(await read('--listen', '1')).toStrictEqual(['1']);
    expect(await read('--listen=1', '--listen', '2')).toStrictEqual(['1', '2']);
  });

  it('needs a value each time', async () => {
    await expect(read('--listen', '1', '--listen')).rejects.toThrow('--listen');
  });
});

it('a group of commands alone means its usual one, if it has one', async () => {
  const identity = await parse(['daemon', 'identity']);
  expect(identity?.words).toStrictEqual([]);
  expect(identity?.load).toBe(
    (await parse(['daemon', 'identity', 'show']))?.load,
  );
});

describe('a wrong command line', () => {
  it.each([
    ['an unknown command', ['nope'], 'no command "nope"'],
    [
      'an unknown command of a group',
      ['daemon', 'nope'],
      '`ocap daemon --help`',
    ],
    ['an unknown option', ['ps', '--bogus'], 'bogus'],
    ['a missing word', ['call', 'bank'], '<method> is missing'],
    [
      'a missing word, with an option',
      ['call', 'bank', '--json'],
      '<method> is missing',
    ],
    ['one word too many', ['ps', 'x'], '"x" is one word too many'],
    [
      'an unknown command of a group in a group',
      ['daemon', 'identity', 'nope'],
      '`ocap daemon identity --help`',
    ],
    ['a property of every object', ['toString'], 'no command "toString"'],
  ])('with %s says so', async (_title, argv, message) => {
    await expect(parse(argv)).rejects.toThrow(message);
  });
});
