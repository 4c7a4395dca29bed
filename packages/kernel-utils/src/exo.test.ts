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
