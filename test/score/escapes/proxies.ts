/** Probes that hand traps, getters and symbols to code outside, and see what that calls them with. */
import type { Probe } from './probe.ts';

export const proxies: readonly Probe[] = [
  {
    name: 'a class that code outside constructs',
    source: 'patriksimek/vm2#177',
    gains: 'host',
    code: `const Own = new Proxy(class {}, { construct: (target, args, self) => { take(args.constructor.constructor); take(self.constructor); return {}; } });
      for (const thing of given.things) { try { thing(Own); } catch {} try { Reflect.construct(thing, [1, 'x'], Own); } catch {} }
      given.call((value) => { take(value?.constructor?.constructor); });`,
  },
  {
    name: 'the this of a function that code outside calls',
    source: 'patriksimek/vm2#179',
    gains: 'host',
    code: `given.call(function (value) {
        take(this); if (this) take(Object.getPrototypeOf(this)?.constructor.constructor);
        take(value); take(value?.constructor);
      });`,
  },
  {
    name: 'a trap that throws what it was given',
    source: 'patriksimek/vm2#186',
    gains: 'host',
    code: `for (const thing of given.things) {
        const trap = () => { throw thing; };
        const hostile = new Proxy({}, { getPrototypeOf: trap, get: trap, has: trap, ownKeys: trap });
        for (const other of given.things.slice(0, 20)) { try { other(hostile); } catch (error) { take(error.constructor); } }
      }`,
  },
  {
    name: 'a trap that throws a full stack',
    source: 'CVE-2023-30547',
    gains: 'host',
    code: `const dive = () => { new Error().stack; dive(); };
      const hostile = new Proxy({}, { getPrototypeOf: dive, ownKeys: dive, get: dive });
      for (const thing of given.things.filter((one) => typeof one === 'function').slice(0, 6)) { try { thing(hostile); } catch (error) { take(error.constructor?.constructor); } }`,
  },
  {
    name: 'a trap for descriptors that throws a function',
    source: 'patriksimek/vm2#225',
    gains: 'host',
    code: `const hostile = new Proxy({}, { getOwnPropertyDescriptor() { throw (thing) => { take(thing.constructor); }; } });
      for (const thing of given.things) { try { thing(hostile); } catch (error) { if (typeof error === 'function') error(thing); else take(error.constructor.constructor); } }`,
  },
  {
    name: 'a tag of text that throws a function',
    source: 'patriksimek/vm2#224',
    gains: 'host',
    code: `const odd = { get [Symbol.toStringTag]() { throw (thing) => { take(thing.constructor); }; } };
      for (const thing of given.things) { try { thing(odd); } catch (error) { if (typeof error === 'function') error(thing); else take(error.constructor.constructor); } }`,
  },
  {
    name: 'a trap that all proxies inherit',
    source: 'patriksimek/vm2#178',
    gains: 'shared',
    code: `Object.prototype.escaped = (target) => { take(target); };
      Object.prototype.has = (target, key) => { take(target.constructor); return key in target; };
      for (const thing of given.things) { 'x' in thing; }`,
  },
  {
    name: 'a getter that all descriptors inherit',
    source: 'patriksimek/vm2#178, second comment',
    gains: 'shared',
    code: `Object.defineProperty(Object.prototype, 'escaped', { configurable: true, get() { take(this); return 1; } });`,
  },
  {
    name: 'a method that all errors of one kind inherit',
    source: 'patriksimek/vm2#225, first example',
    gains: 'shared',
    code: `TypeError.prototype.escaped = function (thing) { return thing.constructor; };
      Error.prototype.escaped = 1;`,
  },
  {
    name: 'the map behind the membrane',
    source: 'CVE-2022-25893',
    gains: 'secret',
    code: `const set = WeakMap.prototype.set;
      WeakMap.prototype.set = function (key, value) { take(key); take(value); return set.call(this, key, value); };
      for (const thing of given.things) { try { thing({}); } catch {} }`,
  },
  {
    name: 'how to be inspected',
    source: 'CVE-2023-37903',
    gains: 'host',
    code: `const inspected = { [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) { take(inspect); take(options); take(inspect?.constructor); take(options?.stylize?.constructor); return 'x'; } };
      for (const thing of given.things) { try { thing(inspected); } catch {} }`,
  },
  {
    name: 'how a proxy is inspected',
    source: 'CVE-2023-32313',
    gains: 'host',
    code: `const trap = (target, ...args) => { for (const arg of args) take(arg); };
      const hostile = new Proxy({}, { get: trap, has: trap, apply: trap, ownKeys: () => ['x'] });
      const wrapped = new Proxy(Object.assign(() => {}, { inspect: hostile }), { apply: (target, self, args) => { take(args.constructor.constructor); } });
      for (const thing of given.things) { try { thing(hostile); } catch (error) { take(error.constructor.constructor); } try { thing(wrapped); } catch {} }`,
  },
  {
    name: 'the handler of a proxy, while it is inspected',
    source: 'GHSA-v37h-5mfm-c47c',
    gains: 'shared',
    code: `Object.prototype[Symbol.for('nodejs.util.inspect.custom')] = function (depth, options, inspect) {
        take(this); take(this.constructor); take(options?.seen);
        return 'x';
      };
      for (const thing of given.things) { try { thing(new Proxy({}, {})); thing({ held: given.things[0] }, { showProxy: true }); } catch {} }`,
  },
  {
    name: 'symbols that Node knows everywhere',
    source: 'GHSA-m5q2-4fm3-vfqp',
    gains: 'host',
    code: `for (const name of ['nodejs.util.promisify.custom', 'nodejs.rejection', 'nodejs.util.inspect.custom', 'nodejs.stream.readable', 'nodejs.webstream.isClosedPromise']) {
        for (const thing of given.things) { take(thing[Symbol.for(name)]); take(thing[Symbol.for(name)]?.constructor); try { thing[Symbol.for(name)] = take; } catch {} }
      }`,
  },
  {
    name: 'the symbols of what was given',
    source: 'GHSA-47x8-96vw-5wg6',
    gains: 'host',
    code: `for (const thing of given.things) {
        for (let at = thing; at !== null; at = Object.getPrototypeOf(at)) {
          for (const symbol of Object.getOwnPropertySymbols(at)) { try { take(at[symbol]); take(at[symbol].constructor); } catch {} }
        }
      }`,
  },
  {
    name: 'a write that goes through an object below',
    source: 'GHSA-c4cf-2hgv-2qv6',
    gains: 'shared',
    code: `for (const thing of given.things) {
        try { Object.create(thing).escaped = 1; } catch {}
        try { Reflect.set(thing, 'escaped', 1); } catch {}
        try { Reflect.set({}, 'escaped', 1, thing); } catch {}
      }`,
  },
  {
    name: 'a write to the prototypes of what was given',
    source: 'GHSA-vwrp-x96c-mhwq',
    gains: 'shared',
    code: `for (const thing of given.things) {
        for (let at = Object.getPrototypeOf(thing); at !== null; at = Object.getPrototypeOf(at)) {
          try { at.escaped = 1; } catch {}
          try { Object.defineProperty(at, 'escaped', { value: 1, configurable: true }); } catch {}
        }
      }`,
  },
  {
    name: 'a prototype that is set in a roundabout way',
    source: 'GHSA-v6mx-mf47-r5wg',
    gains: 'shared',
    code: `const setter = Object.prototype.__lookupSetter__('__proto__');
      const above = { escaped: 1, __proto__: null };
      for (const target of [Function.prototype, Array.prototype, Promise.prototype, Map.prototype, ...given.things]) {
        const ways = [
          () => Function.prototype.call.call(setter, target, above), () => Function.prototype.apply.call(setter, target, [above]),
          () => setter.bind(target, above)(), () => Reflect.apply(Object.setPrototypeOf, Object, [target, above]),
          () => Reflect.setPrototypeOf(target, above), () => Reflect.apply(Object.prototype.__defineGetter__, target, ['escaped', () => 1]),
        ];
        for (const way of ways) { try { way(); } catch {} }
      }`,
  },
  {
    name: 'prototypes that are locked or emptied',
    source: 'GHSA-vwrp-x96c-mhwq, other write traps',
    gains: 'shared',
    code: `for (const target of [Array.prototype, Object.prototype, Map.prototype, ...given.things]) {
        try { delete target.flat; } catch {}
        try { delete target.toLocaleString; } catch {}
        try { Reflect.preventExtensions(target); } catch {}
      }`,
  },
];
