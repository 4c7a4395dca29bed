/**
 * The hardener against that of SES: the same graphs, made twice, must come out
 * the same, down to what their proxies are asked and what is thrown.
 */
import { describe, expect, it } from 'vitest';
import { makeRandom } from '../../../../test/support/random.ts';
import { makeGraph, type Graph } from '../testing/graphs.ts';
import { portrait } from '../testing/portrait.ts';
import { makeHardener } from './make-hardener.ts';

type Harden = (value: unknown) => unknown;

const { makeHardener: makeSesHardener } = (await import(
  // It is no export of its package.
  new URL('../../../../node_modules/ses/src/make-hardener.js', import.meta.url)
    .href
)) as { makeHardener: () => Harden };

/** What became of it, as text. */
const outcome = (
  harden: Harden,
  build: () => Graph,
  again: readonly ((graph: Graph) => unknown)[] = [],
): unknown => {
  const graph = build();
  const said: string[] = [];
  const attempt = (value: unknown): void => {
    try {
      said.push(harden(value) === value ? 'the same' : 'another');
    } catch (error) {
      said.push(String(error));
    }
  };
  attempt(graph.root);
  const first = portrait(graph.all);
  for (const pick of again) attempt(pick(graph));
  return {
    said,
    asked: graph.asked,
    first,
    last: portrait(graph.all),
  };
};

const graphOf = (
  make: (asked: string[]) => Record<string, unknown> & { root: unknown },
): Graph => {
  const asked: string[] = [];
  const { root, ...rest } = make(asked);
  return { root, asked, all: [root, ...Object.values(rest)] };
};

/** Said so, and not left out. */
const without: object = { get: undefined, set: undefined };

/** A proxy that notes what it is asked. */
const asking = (
  target: object,
  asked: string[],
  traps: ProxyHandler<object> = {},
): object =>
  new Proxy(
    target,
    new Proxy(traps, {
      get: (own, trap) => {
        asked.push(String(trap));
        return own[trap as keyof typeof own];
      },
    }),
  );

class Base {
  #secret = 1;
  static made = { n: 0 };
  field = { deep: [1, { deeper: {} }] };
  get secret() {
    return this.#secret;
  }
  set secret(value) {
    this.#secret = value;
  }
}
class Derived extends Base {}

/** Each in its own realm of prototypes, so that it can be made twice. */
const cases: Record<string, () => Graph> = {
  'a primitive': () => graphOf(() => ({ root: 7 })),
  undefined: () => graphOf(() => ({ root: undefined })),
  'a bigint': () => graphOf(() => ({ root: 7n })),
  'a symbol': () => graphOf(() => ({ root: Symbol.iterator })),
  'data of all kinds': () =>
    graphOf(() => {
      const inner = { d: 1 };
      return {
        root: { a: [inner, [inner]], [Symbol.for('s')]: { x: inner }, 7: {} },
        inner,
      };
    }),
  'an object without a prototype': () =>
    graphOf(() => ({ root: { __proto__: null, a: { __proto__: null } } })),
  'a prototype of its own': () =>
    graphOf(() => {
      const proto = { shared: { deep: {} } };
      return { root: { __proto__: proto }, proto };
    }),
  'properties that cannot be seen or changed': () =>
    graphOf(() => {
      const hidden = { h: {} };
      const root = Object.defineProperties(
        {},
        {
          hidden: { value: hidden, enumerable: false },
          fixed: { value: { f: {} }, writable: false, enumerable: true },
          open: { value: {}, writable: true, configurable: true },
        },
      );
      return { root, hidden };
    }),
  'accessors, which are not called': () =>
    graphOf((asked) => {
      const get = Object.assign(() => asked.push('get'), { of: { g: {} } });
      const set = Object.assign(() => asked.push('set'), { of: { s: {} } });
      const root = Object.defineProperties(
        {},
        {
          both: { get, set, configurable: true, enumerable: true },
          one: { get, configurable: true },
          other: { set, configurable: false },
          none: { configurable: true, ...without },
        },
      );
      return { root, get, set };
    }),
  'a function with properties': () =>
    graphOf(() => {
      const root = Object.assign(() => undefined, { a: { b: {} } });
      return { root };
    }),
  'functions of all kinds': () =>
    graphOf(() => ({
      root: [
        function old() {},
        async () => undefined,
        function* many() {},
        async function* later() {},
        class {},
      ],
    })),
  'instances and their classes': () =>
    graphOf(() => ({ root: new Derived(), klass: Derived, base: Base })),
  'a cycle': () =>
    graphOf(() => {
      const root: Record<string, unknown> = { n: 1 };
      const other = { root };
      root['self'] = root;
      root['other'] = other;
      return { root, other };
    }),
  'more objects than a short list holds': () =>
    graphOf(() => {
      const leaf = { leaf: true };
      const root = Array.from({ length: 50 }, (_, i) => ({ i, leaf }));
      root.push(...root.slice(0, 20));
      return { root, leaf };
    }),
  'a deep chain': () =>
    graphOf(() => {
      let root: object = {};
      for (let i = 0; i < 5000; i += 1) root = { next: root };
      return { root };
    }),
  'an array with holes and a name': () =>
    graphOf(() => {
      const root = Object.assign([1, , {}, , { a: {} }], { more: { m: {} } });
      return { root };
    }),
  'Map, Set, WeakMap, Date, RegExp, Promise': () =>
    graphOf(() => {
      const content = { inside: true };
      return {
        root: [
          new Map([[content, content]]),
          new Set([content]),
          new WeakMap([[content, content]]),
          new Date(0),
          /x/gu,
          Promise.resolve(content),
        ],
        content,
      };
    }),
  'typed arrays, with more than elements': () =>
    graphOf(() => {
      const buffer = new ArrayBuffer(16);
      const root = Object.assign(new Uint8Array(buffer), { extra: { e: {} } });
      Object.defineProperty(root, 'fixed', { value: {}, writable: true });
      Object.defineProperty(root, '01', { value: {}, configurable: true });
      return {
        root: [
          root,
          new Float64Array(2),
          new BigInt64Array(1),
          new Uint8Array(0),
          Object.setPrototypeOf(new Int8Array(1), null),
          Object.setPrototypeOf(new Int8Array(1), Error.prototype),
        ],
        typed: root,
        buffer,
      };
    }),
  'buffers and views': () =>
    graphOf(() => {
      const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
      return { root: [new DataView(buffer), buffer, Buffer.from('x')] };
    }),
  'errors, with their stacks': () =>
    graphOf(() => {
      const cause = new RangeError('cause');
      const root = new TypeError('top', { cause });
      const none = new Error('without');
      delete none.stack;
      const own = new Error('own');
      Object.defineProperty(own, 'stack', { value: { mine: {} } });
      const fixed = Object.preventExtensions(new Error('fixed'));
      const frozen = Object.freeze(new Error('frozen'));
      const child: unknown = Object.create(new Error('as a prototype'));
      const many = new AggregateError([new Error('one')], 'many');
      return { root, cause, none, own, fixed, frozen, child, many };
    }),
  'errors in other places': () =>
    graphOf(() => ({
      root: {
        list: [new Error('a'), new SyntaxError('b')],
        proxied: new Proxy(new Error('c'), {}),
        looksLikeOne: Object.assign(Object.create(Error.prototype), {
          stack: 'text',
        }),
      },
    })),
  'a proxy, and what it is asked': () =>
    graphOf((asked) => {
      const target = { a: { b: {} }, [Symbol.for('s')]: {} };
      return { root: { p: asking(target, asked) }, target };
    }),
  'a proxy of a function and of an array': () =>
    graphOf((asked) => ({
      root: [
        asking(() => undefined, asked),
        asking([{}, {}], asked),
        asking(new Uint8Array(2), asked),
      ],
    })),
  'a proxy that hides what is not fixed until it is': () =>
    graphOf((asked) => {
      const target = { seen: {}, hidden: { h: {} } };
      return {
        root: asking(target, asked, {
          ownKeys: (own) =>
            Object.isExtensible(own)
              ? Reflect.ownKeys(own).filter((key) => key !== 'hidden')
              : Reflect.ownKeys(own),
        }),
        target,
      };
    }),
  'a proxy that grows when it is looked at': () =>
    graphOf((asked) => {
      const target: Record<string, unknown> = {};
      return {
        root: asking(target, asked, {
          ownKeys: (own) => {
            if (Object.isExtensible(own)) target['grown'] = { g: {} };
            return Reflect.ownKeys(own);
          },
        }),
        target,
      };
    }),
  'a proxy that lies about its prototype': () =>
    graphOf((asked) => ({
      root: asking({ a: {} }, asked, { getPrototypeOf: () => Base.prototype }),
    })),
  ...Object.fromEntries(
    (
      [
        'ownKeys',
        'getOwnPropertyDescriptor',
        'defineProperty',
        'preventExtensions',
        'getPrototypeOf',
      ] as const
    ).map((trap) => [
      `a proxy that throws in ${trap}, in the middle`,
      () =>
        graphOf((asked) => {
          const before = { before: {} };
          const after = { after: {} };
          const bad = asking({ x: {} }, asked, {
            [trap]: () => {
              throw Error(`no ${trap}`);
            },
          });
          return { root: [before, { bad }, after], before, after };
        }),
    ]),
  ),
  'a revoked proxy': () =>
    graphOf(() => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      const before = {};
      revoke();
      return { root: { before, proxy }, before };
    }),
  'arguments and other odd objects': () =>
    graphOf(() => ({
      root: [
        (function get() {
          return arguments;
        })(),
        Object('text'),
        Object(1n),
        Object(Symbol.iterator),
        new Intl.Collator(),
        globalThis.queueMicrotask,
        [].values(),
        (function* go() {})(),
      ],
    })),
  'what is frozen, sealed or not extensible already': () =>
    graphOf(() => ({
      root: [
        Object.freeze({ a: { open: {} } }),
        Object.seal({ a: { open: {} } }),
        Object.preventExtensions({ a: { open: {} } }),
      ],
    })),
};

describe('the hardener, beside that of SES', () => {
  it.each(Object.entries(cases))('does the same to %s', (_name, build) => {
    const root = (graph: Graph): unknown => graph.root;
    const rest = (graph: Graph): unknown => graph.all;
    // Once more, and all the parts: what was marked and what was not shows.
    const again = [root, rest, root];
    const ours = outcome(makeHardener(), build, again);
    expect(ours).toStrictEqual(outcome(makeSesHardener(), build, again));
  });

  it('does the same to 400 graphs of chance', () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const build = (): Graph => makeGraph(makeRandom(seed));
      const some = (graph: Graph): unknown => graph.all[seed % 7];
      const again = [some, (graph: Graph): unknown => graph.root];
      const ours = outcome(makeHardener(), build, again);
      const theirs = outcome(makeSesHardener(), build, again);
      expect(ours, `seed ${seed}`).toStrictEqual(theirs);
    }
  });

  it('marks nothing of what it could not freeze whole', () => {
    const inner = { n: 1 };
    let isBad = true;
    const proxy = new Proxy(
      {},
      {
        preventExtensions: (target) => {
          if (isBad) throw Error('not yet');
          return Reflect.preventExtensions(target);
        },
      },
    );
    const root = { inner, proxy };
    const harden = makeHardener();
    expect(() => harden(root)).toThrow('not yet');
    isBad = false;
    harden(root);
    expect(Object.isFrozen(proxy)).toBe(true);
  });
});
