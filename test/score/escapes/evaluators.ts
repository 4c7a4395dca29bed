/** Probes for what evaluates text: a Compartment, its filters, its scope, and import(). */
import type { Probe } from './probe.ts';

/** In two parts, because a Compartment would refuse the whole of these probes for the word. */
const load = "'imp' + 'ort'";

export const evaluators: readonly Probe[] = [
  {
    name: 'the iteration of arguments while a function is made',
    source: 'realms-shim 1.2.0, release notes: spread operator',
    gains: 'secret',
    code: `const iterate = Array.prototype[Symbol.iterator];
      Array.prototype[Symbol.iterator] = function () { take(this); for (let i = 0; i < this.length; i += 1) take(this[i]); return iterate.call(this); };
      Function('x', 'return x'); (0, eval)('1');`,
  },
  {
    name: 'an evaluator that was left unsafe by an exception',
    source: 'realms-shim 1.2.0, release notes: safe/unsafe switch',
    gains: 'host',
    code: `const own = new Proxy({}, { get() { throw Error('x'); }, has() { throw Error('x'); } });
      for (const text of ['throw 1', '(', 'null.x', 'let x = x']) { try { (0, eval)(text); } catch {} }
      try { Function(own); } catch {} try { (0, eval)(own); } catch {}
      take((0, eval)('eval')); take((0, eval)('typeof process === "object" ? process : undefined')); take((0, eval)('Function'));`,
  },
  {
    name: 'names that the scope does not show',
    source: 'GHSA-7cg8-pq9v-x98q, Symbol.unscopables',
    gains: 'host',
    code: `const hide = { eval: true, Function: true, process: true, globalThis: true, require: true };
      try { globalThis[Symbol.unscopables] = hide; } catch {}
      try { Object.prototype[Symbol.unscopables] = hide; } catch {}
      take((0, eval)('typeof process === "object" ? process : undefined')); take((0, eval)('eval')); take((0, eval)('Function'));`,
  },
  {
    name: 'with and names that it does not show',
    source: 'gf3/sandbox#66',
    gains: 'host',
    code: `const sloppy = Function('take', 'const hidden = {}; hidden[Symbol.unscopables] = {}; with (hidden) { try { isPrototypeOf(null); take(isPrototypeOf.constructor); } catch (error) { take(error.constructor.constructor); } }');
      sloppy(take);`,
  },
  {
    name: 'the scope as the this of a free function',
    source: 'endojs/endo#623',
    gains: 'host',
    code: `const self = (0, eval)('this') ?? globalThis;
      self.leak = new Function('return this');
      const scope = (0, eval)('leak()');
      take(scope); take(scope?.process); take(scope?.eval); take(scope?.require);
      try { delete self.leak; } catch {}`,
  },
  {
    name: 'a module spread into an object',
    source: 'CVE-2023-39532',
    gains: 'shared',
    code: `const text = 'Object.prototype.escaped = 1;';
      (0, eval)('({ ...' + ${load} + '("data:text/javascript,' + encodeURIComponent(text) + '") })');
      for (let turn = 0; turn < 200 && ({}).escaped === undefined; turn += 1) await new Promise((resolve) => { (given.things.find(({ name }) => name === 'setTimeout') ?? resolve)(resolve, 5); });`,
  },
  {
    name: 'a module',
    source: 'tc39/proposal-dynamic-import#26',
    gains: 'host',
    code: `take(await (0, eval)(${load} + '("node:fs")'));`,
  },
  {
    name: 'a module, by words that a filter does not know',
    source: 'tc39/proposal-shadowrealm#127',
    gains: 'host',
    code: `const word = ${load};
      for (const text of [word + '/**/("node:fs")', word + ' \\n ("node:fs")', word + '//x\\n("node:fs")', word + '\\u2028("node:fs")', 'imp\\\\u006frt("node:fs")', word + '.meta', '(0, ' + word + ')("node:fs")', word + '\\u00a0("node:fs")']) {
        try { take(await (0, eval)(text)); } catch {}
      }`,
  },
  {
    name: 'a module behind what might be a comment',
    source: 'endojs/endo#235',
    gains: 'host',
    code: `const word = ${load};
      const begin = '<!' + '--'; const end = '--' + '>';
      for (const text of ['1 ' + begin + ' x\\n; ' + word + '("node:fs")', '1\\n' + end + ' x\\n; ' + word + '("node:fs")', '/*\\n*/' + end + ' x\\n ' + word + '/* */("node:fs")']) {
        try { take(await (0, eval)(text)); } catch {}
      }`,
  },
  {
    name: 'the promise of a module that is not there',
    source: 'CVE-2021-23449',
    gains: 'host',
    code: `const promise = (0, eval)(${load} + '("./nowhere.js")');
      take(promise.toString.constructor); take(promise.constructor.constructor);
      await promise.catch((error) => { take(error.constructor.constructor); });`,
  },
  {
    name: 'a module that cannot be found, as text',
    source: 'gf3/sandbox#64',
    gains: 'host',
    code: `const promise = Function('return ' + ${load} + '("oops!")')();
      promise.catch(() => {});
      take(promise.constructor.constructor);`,
  },
  {
    name: 'a module from a function that was made',
    source: 'Agoric/realms-shim, test/realm/test-import-expression.js',
    gains: 'host',
    code: `take(await Function('return ' + ${load} + '("node:child_process")')());
      take(await (async () => {}).constructor('return await ' + ${load} + '("node:vm")')());`,
  },
  {
    name: 'a Compartment’s Compartment and its Function',
    source: 'endojs/endo#961',
    gains: 'host',
    harmless: 'there is no Compartment in plain Node',
    code: `const inner = new Compartment({ __options__: true, globals: { take } });
      for (const text of ['Function', 'eval', 'this', 'globalThis', 'Compartment', '(async () => {}).constructor', 'new Compartment({}).globalThis']) take(inner.evaluate(text));
      take(inner.constructor); take(Compartment.constructor); take(inner.globalThis.constructor?.constructor);`,
  },
  {
    name: 'what is told to the transforms of a Compartment',
    source: 'endojs/endo#509',
    gains: 'host',
    harmless: 'there is no Compartment in plain Node',
    code: `const inner = new Compartment({ __options__: true, globals: {}, transforms: [(text) => { take(text); return text.replace('word', ${load}); }] });
      const ways = [() => inner.evaluate('word("node:fs")'), () => inner.evaluate('typeof process === "object" ? process : undefined', { sloppyGlobalsMode: true }), () => inner['imp' + 'ort']('node:fs'), () => inner.module('node:fs')];
      for (const way of ways) { try { take(await way()); } catch (error) { take(error.constructor.constructor); } }`,
  },
  {
    name: 'hooks of a Compartment for modules',
    source: 'endojs/endo#373',
    gains: 'host',
    harmless: 'there is no Compartment in plain Node',
    code: `const inner = new Compartment({ __options__: true, resolveHook: (specifier) => specifier, importHook: async (specifier) => { take(specifier); return { imports: [], exports: ['x'], execute(env, compartment, resolved) { take(env); take(compartment); take(resolved); take(this); } }; }, importMetaHook: (name, meta) => { take(meta); } });
      const names = await inner['imp' + 'ort']('x'); take(names); take(inner.globalThis);`,
  },
  {
    name: 'locking down once more, with less',
    source: 'endojs/endo#961, evalTaming',
    gains: 'host',
    harmless: 'there is no lockdown in plain Node',
    code: `for (const name of ['lockdown', 'repairIntrinsics', 'hardenIntrinsics']) {
        try { (0, eval)(name)({ evalTaming: 'unsafe-eval', errorTaming: 'unsafe', overrideTaming: 'min' }); } catch {}
      }
      take((0, eval)('eval')); take(Function);`,
  },
];
