/** The log as its subscribers are told of it. */
import { readFileSync } from 'node:fs';
import type { LogEvent, LogPlace, LogSource } from '@ocap/kernel/rpc';
import { limits } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { makeTempHome } from './fixtures/temp-home.ts';
import { makeLogLines } from './log-lines.ts';
import { makeLogger } from './logs.ts';

const lineOf = (number: number): string =>
  JSON.stringify({
    level: 'info',
    time: '2026-01-02T03:04:05.678Z',
    msg: `line ${number}`,
  });

/** What a watcher is told, from when it begins. */
const watch = (
  lines: LogSource,
  options: Parameters<LogSource['watch']>[0] = {},
): Readonly<{ told: LogEvent[]; from: LogPlace; end(): void }> => {
  const told: LogEvent[] = [];
  const { from, begin, end } = lines.watch(options, (event) => {
    told.push(event);
  });
  begin();
  return { told, from, end };
};

const messages = (told: readonly LogEvent[]): unknown[] =>
  told.map(({ about, type }) => about['message'] ?? type);

describe('the lines of the log (V-25)', () => {
  it('are told as they are written, with their level and fields', () => {
    const { logPath } = makeTempHome();
    const logger = makeLogger({ path: logPath });
    logger.info('before');
    const { told } = watch(logger.lines);
    logger.info('hello %s', { vat: 'v1', at: 'a field', type: 'another' });
    logger.debug('below the level of the log');
    logger.error('bad', { err: new TypeError('why') });
    expect(told).toMatchObject([
      {
        topic: 'log',
        type: 'info',
        about: {
          message: 'hello %s',
          fields: { vat: 'v1', at: 'a field', type: 'another' },
        },
      },
      {
        topic: 'log',
        type: 'error',
        about: { message: 'bad', fields: { err: { message: 'why' } } },
      },
    ]);
    const [, line = ''] = readFileSync(logPath, 'utf8').split('\n');
    const { time } = JSON.parse(line) as { time: string };
    expect(new Date(told[0]?.at ?? 0).toISOString()).toBe(time);
    logger.close();
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ] as const)('from %s on are %j', (level, expected) => {
    const { logPath } = makeTempHome();
    const logger = makeLogger({ path: logPath, level: 'debug' });
    const { told } = watch(logger.lines, { level });
    for (const each of ['debug', 'info', 'warn', 'error'] as const) {
      logger[each]('x');
    }
    expect(told.map(({ type }) => type)).toStrictEqual(expected);
    logger.close();
  });

  it('are not even read while nobody is told of them', () => {
    const lines = makeLogLines();
    lines.add('this is not JSON');
    const { told, end } = watch(lines);
    lines.add(lineOf(2));
    end();
    lines.add('nor is this');
    expect(messages(told)).toStrictEqual(['line 2']);
  });

  it('go on from any place, without gap or double', () => {
    const lines = makeLogLines();
    const first = watch(lines);
    for (let number = 1; number <= 3; number += 1) lines.add(lineOf(number));
    const places = [first.from, ...first.told.map(({ place }) => place)];
    for (const [at, from] of places.entries()) {
      const { told } = watch(lines, { from });
      expect(told).toStrictEqual(first.told.slice(at));
    }
    const late = lines.watch({ from: first.from }, () => undefined);
    expect(late.from).toStrictEqual(first.from);
  });

  it.each([
    [3, ['line 2', 'line 3', 'line 4']],
    [4, ['gap', 'line 3', 'line 4', 'line 5']],
  ])('are the newest 3: after %i more, they are %j', (more, expected) => {
    const lines = makeLogLines(3);
    lines.add(lineOf(1));
    const { from } = watch(lines);
    for (let added = 1; added <= more; added += 1) lines.add(lineOf(1 + added));
    expect(messages(watch(lines, { from }).told)).toStrictEqual(expected);
    expect(messages(watch(lines, { from: 'oldest' }).told)).toStrictEqual(
      expected.slice(-3),
    );
  });

  it('are as many as the limit says', () => {
    const lines = makeLogLines();
    const max = limits.logLinesKept.value;
    for (let number = 1; number <= max + 1; number += 1) {
      lines.add(lineOf(number));
    }
    const { told } = watch(lines, { from: 'oldest' });
    expect(told).toHaveLength(max);
    expect(messages(told)[0]).toBe('line 2');
  });

  it('of another run of the daemon are a gap', () => {
    const earlier = makeLogLines();
    earlier.add(lineOf(1));
    const { from } = watch(earlier);
    const lines = makeLogLines();
    lines.add(lineOf(7));
    const { told } = watch(lines, { from });
    expect(told).toMatchObject([
      { type: 'gap', about: { reason: 'the daemon was restarted' } },
      { type: 'info', about: { message: 'line 7' } },
    ]);
    // Once told, it is over.
    const again = watch(lines, { from: (told[0] as LogEvent).place });
    expect(messages(again.told)).toStrictEqual(['line 7']);
  });
});
