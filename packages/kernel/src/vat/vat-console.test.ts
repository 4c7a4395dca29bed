import { describe, expect, it } from 'vitest';
import { makeVatConsole, type ConsoleKit } from './vat-console.ts';

type Kit = ConsoleKit & Readonly<{ lines: readonly [string, string][] }>;

const makeKit = ({ lineChars = 100, linesPerDelivery = 100 } = {}): Kit => {
  const lines: [string, string][] = [];
  const kit = makeVatConsole((level, text) => lines.push([level, text]), {
    lineChars,
    linesPerDelivery,
  });
  return { ...kit, lines };
};

describe('the console of a vat', () => {
  it('drops what there is no room for, and says so once there is', () => {
    const { console, nextDelivery, lines } = makeKit();
    nextDelivery(7);
    ['1234', '1234', [1234], '12', '1'].forEach((text) => console.log(text));
    nextDelivery(1023);
    console.log('few');
    nextDelivery(1024);
    console.log('end');
    expect(lines.map(([, text]) => text)).toStrictEqual([
      '1234',
      '12',
      'few',
      'suppressed 3 console lines',
      'end',
    ]);
  });

  it('writes each method’s lines at its level', () => {
    const { console, lines } = makeKit();
    console.debug('a', 1);
    console.log('b', { c: ['d'] });
    console.info('e');
    console.warn('f');
    console.error('g', TypeError('h'));
    console.trace('i');
    expect(lines.map(([level]) => level).join(' ')).toBe(
      'debug info info warn error debug',
    );
    expect(lines[1]).toStrictEqual(['info', 'b { c: ["d"] }']);
    expect(lines[4]?.[1]).toContain('g TypeError: h');
  });

  it('has the methods of a console and no more', () => {
    const { console } = makeKit();
    expect(Object.keys(console).sort()).toStrictEqual(
      ['debug', 'error', 'info', 'log', 'trace', 'warn'].sort(),
    );
  });

  it('cuts a line that is too long, and says by how much', () => {
    const { console, lines } = makeKit({ lineChars: 5 });
    console.log('12345');
    console.log('123456');
    expect(lines.map(([, text]) => text)).toStrictEqual([
      '12345',
      '12345… (1 more)',
    ]);
  });

  it('drops lines beyond those of one delivery, and says how many', () => {
    const { console, nextDelivery, lines } = makeKit({ linesPerDelivery: 2 });
    [1, 2, 3, 4].forEach((n) => console.log(n));
    nextDelivery();
    console.log(5);
    expect(lines).toStrictEqual([
      ['info', '1'],
      ['info', '2'],
      ['warn', 'suppressed 2 console lines'],
      ['info', '5'],
    ]);
  });
});

describe('the logger of a vat', () => {
  it('writes as the console does', () => {
    const { console, logger, lines } = makeKit();
    const names = ['debug', 'log', 'info', 'warn', 'error', 'trace'] as const;
    for (const name of names) {
      logger[name]('x', { y: 1 });
      console[name]('x', { y: 1 });
      expect(lines.at(-2)).toStrictEqual(lines.at(-1));
    }
  });

  it.each([
    ['tags', { tags: ['a', 'b'] }, '[a/b] x'],
    ['a name', 'a', '[a] x'],
    ['one tag that is no list', { tags: 'a' }, '[a] x'],
    ['tags twice', { tags: ['a', 'b', 'a'] }, '[a/b] x'],
    ['what is not text', { tags: ['a', 7, undefined] }, '[a/7/undefined] x'],
    ['no tags', { tags: [] }, 'x'],
    ['other options', { level: 'warn', transports: [] }, 'x'],
    ['nothing', undefined, 'x'],
    ['null', null, 'x'],
  ])('has a logger for %s', (_title, options, text) => {
    const { logger, lines } = makeKit();
    logger.subLogger(options as never).log('x');
    expect(lines).toStrictEqual([['info', text]]);
  });

  it('has loggers of the same shape, whose tags accumulate', () => {
    const { logger, lines } = makeKit();
    const inner = logger
      .subLogger({ tags: ['a', 'b'] })
      .subLogger('c')
      .subLogger({ tags: ['b', 'd'] });
    expect(Object.keys(inner)).toStrictEqual(Object.keys(logger));
    expect(Object.isFrozen(inner)).toBe(true);
    inner.warn('x', 1);
    logger.log('y');
    expect(lines).toStrictEqual([
      ['warn', '[a/b/c/d] x 1'],
      ['info', 'y'],
    ]);
  });

  it('has methods that can be taken from it', () => {
    const { logger, lines } = makeKit();
    const { subLogger } = logger;
    const { error } = subLogger('a');
    error('x');
    expect(lines).toStrictEqual([['error', '[a] x']]);
  });

  it('does not give the console tags', () => {
    const { console, logger, lines } = makeKit();
    logger.subLogger('a');
    console.log('x');
    expect(lines).toStrictEqual([['info', 'x']]);
  });

  it('is capped in the length of a line, tags included', () => {
    const { logger, lines } = makeKit({ lineChars: 8 });
    logger.subLogger('a').log('1234');
    logger.subLogger('a').log('12345');
    logger.subLogger('b'.repeat(1000)).log('');
    expect(lines.map(([, text]) => text)).toStrictEqual([
      '[a] 1234',
      '[a] 1234… (1 more)',
      '[bbbbbbb… (995 more)',
    ]);
  });

  it('counts its lines and those of all others as one', () => {
    const { console, logger, nextDelivery, lines } = makeKit({
      linesPerDelivery: 3,
    });
    const inner = logger.subLogger('a');
    for (const { log } of [console, logger, inner, inner, logger, console]) {
      log('x');
    }
    nextDelivery();
    expect(lines.map(([, text]) => text)).toStrictEqual([
      'x',
      'x',
      '[a] x',
      'suppressed 3 console lines',
    ]);
  });
});
