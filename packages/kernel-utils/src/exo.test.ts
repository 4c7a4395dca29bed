/** The exo helper as a vat sees it: under lockdown, with real guards. */
import 'ses';
import '@endo/eventual-send/shim.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as Exo from './exo.ts';

let exo: typeof Exo;

beforeAll(async () => {
  lockdown({ errorTaming: 'unsafe' });
  exo = await import('./exo.ts');
});

describe('makeDefaultExo', () => {
  it('answers its methods with the arguments it got', () => {
    const adder = exo.makeDefaultExo('Adder', {
      add: (a: number, b: number) => a + b,
    });
    expect(adder.add(2, 3)).toBe(5);
  });

  it('is hardened and carries its name', () => {
    const greeter = exo.makeDefaultExo('Greeter', { hello: () => 'hello' });
    expect(Object.isFrozen(greeter)).toBe(true);
    expect(Object.prototype.toString.call(greeter)).toBe(
      '[object Alleged: Greeter]',
    );
  });

  it('refuses an argument that cannot be passed to another vat', () => {
    const sink = exo.makeDefaultExo('Sink', { take: (_thing: unknown) => 1 });
    expect(() =>
      sink.take(
        harden({
          get sneaky() {
            return 1;
          },
        }),
      ),
    ).toThrow(/accessor|passable|data property/iu);
  });

  it('keeps to a guard of one’s own', async () => {
    const { M } = await import('@endo/patterns');
    const guard = M.interface('Doubler', {
      double: M.call(M.number()).returns(M.number()),
    });
    const doubler = exo.makeDefaultExo(
      'Doubler',
      { double: (n: number) => n * 2 },
      guard,
    );
    expect(doubler.double(4)).toBe(8);
    expect(() => doubler.double('4' as never)).toThrow(/number/u);
  });
});

describe('makeDiscoverableExo', () => {
  const methods = {
    add: (a: number, b: number) => a + b,
    clear: () => undefined,
  };
  const schema = {
    add: {
      description: 'The sum of two numbers',
      args: { a: { type: 'number' }, b: { type: 'number' } },
      returns: { type: 'number' },
    },
    clear: { description: 'Begins anew', args: {} },
  };

  it('answers its own methods, and tells what was written of them', () => {
    const adder = exo.makeDiscoverableExo('Adder', methods, schema);
    expect(adder.add(2, 3)).toBe(5);
    expect(adder.describe()).toStrictEqual(schema);
    expect(Object.prototype.toString.call(adder)).toBe(
      '[object Alleged: Adder]',
    );
  });

  it('tells it under the name of later versions as well', () => {
    const adder = exo.makeDiscoverableExo('Adder', methods, schema);
    expect(exo.GET_DESCRIPTION).toBe('__getDescription__');
    expect(adder[exo.GET_DESCRIPTION]()).toStrictEqual(schema);
  });

  it.each([undefined, 'passable', 'raw'] as const)(
    'tells it as data that can be passed, under a guard whose default is %s',
    async (defaultGuards) => {
      const { M } = await import('@endo/patterns');
      const guard = M.interface(
        'Adder',
        { add: M.call().rest(M.any()).returns(M.any()) },
        { defaultGuards },
      );
      const adder = exo.makeDiscoverableExo(
        'Adder',
        { add: methods.add },
        { add: { description: 'The sum', args: { a: {}, b: {} } } },
        guard,
      );
      expect(Object.isFrozen(adder.describe().add.args)).toBe(true);
    },
  );

  it('may have a method describe of its own', () => {
    const painter = exo.makeDiscoverableExo(
      'Painter',
      { describe: () => 'blue' },
      { describe: { description: 'The colour', args: {} } },
    );
    expect(painter.describe()).toBe('blue');
    expect(painter[exo.GET_DESCRIPTION]()).toStrictEqual({
      describe: { description: 'The colour', args: {} },
    });
  });

  it('cannot have a method of its own under the other name', () => {
    const own = { [exo.GET_DESCRIPTION]: () => 'mine' };
    expect(() =>
      exo.makeDiscoverableExo('Liar', own, {
        [exo.GET_DESCRIPTION]: { description: 'x', args: {} },
      }),
    ).toThrow(
      'Liar cannot have a method __getDescription__: it tells what makeDiscoverableExo was given',
    );
  });

  it('refuses an argument that cannot be passed to another vat', () => {
    const adder = exo.makeDiscoverableExo('Adder', methods, schema);
    const sneaky = harden({
      get sum() {
        return 1;
      },
    });
    expect(() => adder.add(sneaky as never, 1)).toThrow(
      /accessor|passable|data property/iu,
    );
  });

  it('keeps to a guard of one’s own, which need not name the description', async () => {
    const { M } = await import('@endo/patterns');
    const step = Symbol.for('step');
    const number = M.call(M.number()).returns(M.number());
    const doubler = exo.makeDiscoverableExo(
      'Doubler',
      { double: (n: number) => n * 2, [step]: (n: number) => n + 1 },
      { double: { description: 'Twice', args: { n: { type: 'number' } } } },
      M.interface('Doubling', { double: number, [step]: number }),
    );
    expect(doubler.double(4)).toBe(8);
    expect(() => doubler.double('4' as never)).toThrow(/number/u);
    expect(doubler[step](4)).toBe(5);
    expect(() => doubler[step]('4' as never)).toThrow(/number/u);
    expect(doubler.describe().double.description).toBe('Twice');
    expect(doubler[exo.GET_DESCRIPTION]()).toStrictEqual(doubler.describe());
  });

  it.each(['describe', '__getDescription__'])(
    'keeps to a guard that names %s',
    async (name) => {
      const { M } = await import('@endo/patterns');
      const guard = M.interface('Adder', {
        add: M.call(M.number(), M.number()).returns(M.number()),
        clear: M.call().returns(M.undefined()),
        [name]: M.call().returns(M.record()),
      });
      const adder = exo.makeDiscoverableExo('Adder', methods, schema, guard);
      expect(adder.describe()).toStrictEqual(schema);
      expect(adder[exo.GET_DESCRIPTION]()).toStrictEqual(schema);
      const told = adder as unknown as Record<string, (n: number) => void>;
      expect(() => told[name]?.(1)).toThrow(/argument/u);
    },
  );

  it('refuses a guard that leaves out one of its methods', async () => {
    const { M } = await import('@endo/patterns');
    const guard = M.interface('Adder', {
      add: M.call(M.number(), M.number()).returns(M.number()),
    });
    expect(() =>
      exo.makeDiscoverableExo('Adder', methods, schema, guard),
    ).toThrow(/clear.*not guarded/u);
  });
});
