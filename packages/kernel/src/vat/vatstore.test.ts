import { vatId } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { makeRandom } from '../../../../test/support/random.ts';
import type { ReadReply, ReadRequest } from './protocol.ts';
import { makeStoreCaches } from './store-caches.ts';
import { makeVatstore } from './vatstore.ts';

/** A kernel's side over a plain map, which counts what it is asked. */
const makeKernelSide = (rows: Record<string, string>) => {
  const stored = new Map(Object.entries(rows));
  let asked = 0;
  const read = (request: ReadRequest): ReadReply => {
    asked += 1;
    if ('get' in request) {
      return { value: stored.get(request.get) ?? null };
    }
    const entries = [...stored]
      .filter(
        ([key]) =>
          Buffer.compare(Buffer.from(key), Buffer.from(request.after)) > 0,
      )
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .slice(0, request.count);
    return { entries };
  };
  return { stored, read, asked: () => asked };
};

const AMPLE = 1_000_000;

const modes = [
  ['whole in memory', true, AMPLE],
  ['whole at first, and then more than the host may keep', true, 5000],
  ['read page by page', false, AMPLE],
  ['read again and again', false, 5000],
] as const;

describe.each(modes)('a vatstore %s', (_, complete, cacheChars) => {
  const open = (rows: Record<string, string>) => {
    const side = makeKernelSide(rows);
    const entries = complete ? Object.entries(rows) : [];
    const store = makeVatstore({
      vat: vatId(1),
      entries,
      complete,
      caches: makeStoreCaches(cacheChars),
      read: side.read,
    });
    const keysAfter = (start: string): string[] => {
      const found: string[] = [];
      for (
        let key = store.getNextKey(start);
        key !== undefined;
        key = store.getNextKey(key)
      ) {
        found.push(key);
      }
      return found;
    };
    let seq = 0;
    const commit = (): void => {
      seq += 1;
      for (const [key, value] of store.takeWrites(seq)) {
        if (value === null) side.stored.delete(key);
        else side.stored.set(key, value);
      }
    };
    return { ...side, store, keysAfter, commit };
  };

  it('reads what is stored, and what this crank has written over it', () => {
    const { store } = open({ a: '1', b: '2' });
    store.set('b', '20');
    store.delete('a');
    store.set('c', '30');
    expect(['a', 'b', 'c', 'd'].map(store.get)).toStrictEqual([
      undefined,
      '20',
      '30',
      undefined,
    ]);
  });

  it('iterates in the order of the database, with the writes of this crank in place', () => {
    const { store, keysAfter, commit } = open({
      b: '1',
      d: '1',
      z: '1',
      '\u{10000}': '1',
      '\uffff': '1',
    });
    store.set('c', '2');
    store.delete('d');
    store.set('a', '2');
    const expected = ['a', 'b', 'c', 'z', '\uffff', '\u{10000}'];
    expect(keysAfter('')).toStrictEqual(expected);
    commit();
    expect(keysAfter('')).toStrictEqual(expected);
    expect(keysAfter('bb')).toStrictEqual(expected.slice(2));
  });

  it('gives each key once, with its last value, when the crank is over', () => {
    const { store } = open({ a: '1' });
    store.set('a', '2');
    store.set('a', '3');
    store.set('b', '1');
    store.delete('b');
    expect(store.takeWrites(1)).toStrictEqual([
      ['a', '3'],
      ['b', null],
    ]);
    expect(store.takeWrites(1)).toStrictEqual([]);
  });

  it('sees many keys, and may delete them while it iterates', () => {
    const rows = Object.fromEntries(
      Array.from({ length: 500 }, (__, i) => [
        `k${String(i).padStart(4, '0')}`,
        'x',
      ]),
    );
    const { store, keysAfter, commit } = open(rows);
    let seen = 0;
    for (
      let key = store.getNextKey('k');
      key !== undefined;
      key = store.getNextKey(key)
    ) {
      store.delete(key);
      seen += 1;
    }
    expect(seen).toBe(500);
    commit();
    expect(keysAfter('')).toStrictEqual([]);
  });

  it('asks the kernel for nothing twice, and not at all if it has everything', () => {
    const { store, keysAfter, asked } = open({ a: '1', b: '2', c: '3' });
    for (let i = 0; i < 10; i += 1) {
      store.get('a');
      store.get('nothing');
      keysAfter('');
    }
    expect(asked()).toBeLessThanOrEqual(complete ? 0 : 3);
  });
});

describe.each(modes)('a vatstore %s', (_, complete, cacheChars) => {
  it.each([1, 2, 3, 4, 5, 6])(
    'is what a plain map would be, whatever is written, ahead of the kernel too (seed %i)',
    (seed) => {
      const random = makeRandom(seed);
      const draw = (): string => `k${random.integer(0, 300)}`;
      const rows = Object.fromEntries(
        Array.from({ length: 200 }, () => [draw(), 'stored']),
      );
      const side = makeKernelSide(rows);
      const store = makeVatstore({
        vat: vatId(1),
        entries: complete ? Object.entries(rows) : [],
        complete,
        caches: makeStoreCaches(cacheChars),
        read: side.read,
      });
      const model = new Map(Object.entries(rows));
      const after = (prior: string): string | undefined =>
        [...model.keys()].sort().find((key) => key > prior);
      const sent: (readonly [string, string | null])[][] = [];
      let seq = 0;
      let applied = 0;
      const steps: readonly (() => void)[] = [
        () => {
          const key = draw();
          store.set(key, `value ${seq}`);
          model.set(key, `value ${seq}`);
        },
        () => {
          // Neighbours, from either end.
          const first = random.integer(0, 280);
          const order = random.integer(0, 1) === 0 ? 1 : -1;
          for (let i = 0; i < 20; i += 1) {
            const key = `k${first + (order === 1 ? i : 19 - i)}`;
            store.delete(key);
            model.delete(key);
            expect(store.getNextKey('k')).toBe(after('k'));
          }
        },
        () => {
          const key = draw();
          expect(store.get(key)).toBe(model.get(key));
          expect(store.getNextKey(key)).toBe(after(key));
        },
        () => {
          sent.push(store.takeWrites((seq += 1)));
        },
        () => {
          const writes = sent.shift();
          if (writes === undefined) return;
          for (const [key, value] of writes) {
            if (value === null) side.stored.delete(key);
            else side.stored.set(key, value);
          }
          store.confirm((applied += 1));
        },
      ];
      for (let step = 0; step < 3000; step += 1) random.pick(steps)();
      expect(seq).toBeGreaterThan(100);
    },
  );
});

describe('what the vats of a host keep of their stores', () => {
  const TEXT = 'x'.repeat(1000);
  const make = (maxChars: number) => {
    const caches = makeStoreCaches(maxChars);
    return (number: number) => {
      const side = makeKernelSide({});
      const store = makeVatstore({
        vat: vatId(number),
        entries: [],
        complete: true,
        caches,
        read: side.read,
      });
      let seq = 0;
      const write = (key: string): void => {
        store.set(key, TEXT);
        seq += 1;
        for (const [one, value] of store.takeWrites(seq)) {
          side.stored.set(one, value ?? '');
        }
        store.confirm(seq);
      };
      const asksFor = (key: string): boolean => {
        const before = side.asked();
        expect(store.get(key)).toBe(TEXT);
        return side.asked() > before;
      };
      return { store, write, asksFor };
    };
  };

  it('does not grow with how often a key is written', () => {
    const { write, asksFor } = make(3000)(1);
    for (let i = 0; i < 100; i += 1) write('k');
    expect(asksFor('k')).toBe(false);
  });

  it('is given up from what was used the longest time ago', () => {
    const { write, asksFor } = make(20_000)(1);
    for (let i = 0; i < 15; i += 1) write(`k${i}`);
    expect(asksFor('k0')).toBe(false);
    for (let i = 15; i < 20; i += 1) write(`k${i}`);
    expect(['k0', 'k1', 'k19'].map(asksFor)).toStrictEqual([
      false,
      true,
      false,
    ]);
  });

  it('is given up by the one that keeps the most', () => {
    const open = make(20_000);
    const [small, large] = [open(1), open(2)];
    small.write('k');
    for (let i = 0; i < 30; i += 1) large.write(`k${i}`);
    expect(small.asksFor('k')).toBe(false);
    expect(large.asksFor('k0')).toBe(true);
  });

  it('is nothing for a vat that has gone', () => {
    const open = make(20_000);
    const [gone, kept] = [open(1), open(2)];
    for (let i = 0; i < 15; i += 1) gone.write(`k${i}`);
    gone.store.close();
    for (let i = 0; i < 15; i += 1) kept.write(`k${i}`);
    expect(kept.asksFor('k0')).toBe(false);
  });
});

it('lets its own writes stand over the kernel’s rows until they are confirmed', () => {
  const side = makeKernelSide({ a: 'old', b: 'old', d: 'old' });
  const store = makeVatstore({
    vat: vatId(1),
    entries: [],
    complete: false,
    caches: makeStoreCaches(AMPLE),
    read: side.read,
  });
  const keys = (): string[] => {
    const found: string[] = [];
    for (
      let key = store.getNextKey('');
      key !== undefined;
      key = store.getNextKey(key)
    ) {
      found.push(key);
    }
    return found;
  };
  expect(keys()).toStrictEqual(['a', 'b', 'd']);
  store.set('a', 'new');
  store.delete('b');
  store.set('c', 'new');
  const writes = store.takeWrites(7);
  // The kernel has not applied delivery 7 yet.
  expect(keys()).toStrictEqual(['a', 'c', 'd']);
  expect(['a', 'b', 'c', 'd'].map(store.get)).toStrictEqual([
    'new',
    undefined,
    'new',
    'old',
  ]);
  store.confirm(6);
  expect(keys()).toStrictEqual(['a', 'c', 'd']);
  for (const [key, value] of writes) {
    if (value === null) side.stored.delete(key);
    else side.stored.set(key, value);
  }
  store.confirm(7);
  expect(keys()).toStrictEqual(['a', 'c', 'd']);
  expect(['a', 'b', 'c', 'd'].map(store.get)).toStrictEqual([
    'new',
    undefined,
    'new',
    'old',
  ]);
});
