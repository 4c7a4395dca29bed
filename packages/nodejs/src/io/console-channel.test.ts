import '../daemon/lockdown.ts';
import { limitValues, type LimitValues } from '@ocap/kernel-utils';
import { expect, it } from 'vitest';
import { makeConsoleChannel } from './console-channel.ts';

const open = (limits: Partial<LimitValues> = {}) => {
  const logged: [level: string, text: string][] = [];
  let now = 0;
  const report =
    (level: string) =>
    (text: string, fields?: object): void => {
      expect(fields).toStrictEqual({ subcluster: 's1', channel: 'out' });
      logged.push([level, text]);
    };
  const channel = makeConsoleChannel({
    name: 'out',
    subclusterId: 's1',
    limits: limitValues(limits),
    logger: {
      debug: report('debug'),
      info: report('info'),
      warn: report('warn'),
      error: report('error'),
    },
    now: () => now,
  });
  return {
    ...channel,
    logged,
    pass: (ms: number) => {
      now += ms;
    },
  };
};

it('logs each line of a text, with the name of the channel', async () => {
  const { write, logged } = open();
  await write('one\ntwo\r\n\nthree\n');
  await write('four');
  expect(logged).toStrictEqual(
    ['one', 'two', '', 'three', 'four'].map((text) => ['info', text]),
  );
});

it('logs so many characters of a line and no more', async () => {
  const { write, logged } = open({ consoleLineBytes: 4 });
  await write('1234\n12345');
  expect(logged).toStrictEqual([
    ['info', '1234'],
    ['info', '1234… (1 more)'],
  ]);
});

it('logs so many lines of a text and no more', async () => {
  const { write, logged } = open({ consoleLinesPerDelivery: 2 });
  await write('1\n2\n');
  await write('1\n2\n3\n4');
  expect(logged.map(([, text]) => text)).toStrictEqual([
    '1',
    '2',
    '1',
    '2',
    '2 more lines of the channel were dropped',
  ]);
});

it('logs so much in the long run and no more', async () => {
  const { write, logged, pass } = open({
    consoleBurstBytes: 10,
    consoleBytesPerSecond: 5,
  });
  await write('1234567890');
  await write('x\ny');
  pass(1000);
  await write('12345');
  expect(logged).toStrictEqual([
    ['info', '1234567890'],
    ['warn', '2 more lines of the channel were dropped'],
    ['info', '12345'],
  ]);
});
