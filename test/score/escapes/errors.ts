/** Probes that make code outside of them throw, or describe a stack, and look at what comes. */
import type { Probe } from './probe.ts';

const throwsInText = (call: string): string =>
  `try { ${call} } catch (error) { take(error.constructor.constructor); }`;

export const errors: readonly Probe[] = [
  {
    name: 'a stack that is full when code outside is called',
    source: 'CVE-2019-10761',
    gains: 'host',
    code: `for (const thing of given.things.filter((one) => typeof one === 'function').slice(0, 60)) {
        const dive = () => {
          try { return dive(); } catch (error) {
            try { thing({}); } catch (inner) { return inner; }
            return error;
          }
        };
        take(dive()?.constructor?.constructor);
      }`,
  },
  {
    name: 'a stack that is full when text is evaluated',
    source: 'Agoric/realms-shim#48',
    gains: 'host',
    code: `const dive = () => {
        try { return dive(); } catch (error) {
          try { (0, eval)('1 + 1'); Function('return 1')(); new Function('x', 'return x'); } catch (inner) { return inner; }
          return error;
        }
      };
      const error = dive();
      take(error.constructor.constructor); take(Object.getPrototypeOf(Object.getPrototypeOf(error)).constructor.constructor);`,
  },
  {
    name: 'the prototype of the error of a full stack',
    source: 'CVE-2021-23594, CVE-2021-23543',
    gains: 'shared',
    code: `const dive = () => { new Error().stack; dive(); };
      try { dive(); } catch (error) {
        for (let at = error; at !== null; at = Object.getPrototypeOf(at)) { try { at.escaped = 1; } catch {} }
      }`,
  },
  {
    name: 'a full stack while a stack is described',
    source: 'hacksparrow/safe-eval#31',
    gains: 'host',
    code: `const dive = () => { new Error().stack; dive(); };
      ${throwsInText('dive();')}`,
  },
  {
    name: 'an Error of its own with a hook for stacks',
    source: 'CVE-2022-36067',
    gains: 'host',
    code: `const self = (0, eval)('this') ?? globalThis; const Kept = Error;
      const hook = (_, sites) => sites;
      try { self.Error = { prepareStackTrace: hook }; } catch {}
      try { Kept.prepareStackTrace = hook; } catch {}
      try { null.x; } catch (error) { take(error.stack); }
      for (const fails of given.fails) { try { fails(); } catch (error) { take(error.stack); } }
      try { self.Error = Kept; } catch {}`,
  },
  {
    name: 'the this of each frame of a stack',
    source: 'hacksparrow/safe-eval#28',
    gains: 'host',
    code: `Error.prepareStackTrace = (_, sites) => sites.map((site) => [site.getThis?.(), site.getFunction?.()]).flat();
      (function () { for (const each of Error('x').stack) take(each); })();`,
  },
  {
    name: 'the hook for stacks of what nobody catches',
    source: 'CVE-2023-29017',
    gains: 'host',
    code: `Error.prepareStackTrace = (_, sites) => { for (const site of sites) { take(site); take(site.getFunction?.()); } return ''; };
      (async () => { null.x; })().catch((error) => error.stack);
      Promise.reject(Error('x')).catch((error) => { take(error.stack); });
      await null; await null;`,
  },
  {
    name: 'where the frames of the host are',
    source: 'GHSA-v27g-jcqj-v8rw',
    gains: 'host',
    code: `Error.prepareStackTrace = (_, sites) => sites;
      const holder = {};
      Error.captureStackTrace(holder);
      take(holder.stack); take(holder.stack[0]);`,
  },
  {
    name: 'an error whose name is a symbol',
    source: 'CVE-2021-23555',
    gains: 'host',
    code: `const error = new Error(); error.name = Symbol('x');
      ${throwsInText('take(error.stack); String(error);')}
      for (const fails of given.fails) { try { fails(); } catch (inner) { take(inner.constructor.constructor); } }`,
  },
  {
    name: 'an error taken apart while it is caught',
    source: 'CVE-2023-29199',
    gains: 'host',
    code: `for (const fails of given.fails) {
        try { fails(); } catch ({ constructor: { constructor: F } }) { take(F); }
      }`,
  },
  {
    name: 'an error with a proxy as its name',
    source: 'CVE-2023-32314',
    gains: 'host',
    code: `const error = new Error();
      error.name = { toString: new Proxy(() => '', { apply(target, self, args) { take(args.constructor.constructor); take(self); return 'x'; } }) };
      for (const read of [() => error.stack, () => String(error), ...given.things.map((thing) => () => thing(error))]) { try { read(); } catch (inner) { take(inner.constructor.constructor); } }`,
  },
  {
    name: 'what a missing call on an object outside throws',
    source: 'CVE-2026-22686',
    gains: 'host',
    code: `const climb = (error) => { for (let at = error; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) take(at.constructor.constructor); };
      await given.rejected.catch(climb);
      try { neighbour.missing(); } catch (error) { climb(error); }`,
  },
  {
    name: 'an argument that has no text',
    source: 'patriksimek/vm2#285',
    gains: 'host',
    code: `const odd = { toString: () => ({}), valueOf: () => ({}) };
      for (const thing of given.things) { ${throwsInText('thing(odd);')} }`,
  },
  {
    name: 'valueOf as a global',
    source: 'hacksparrow/safe-eval#35',
    gains: 'host',
    code: throwsInText('valueOf();'),
  },
  {
    name: 'toLocaleString as a global',
    source: 'gf3/sandbox#69',
    gains: 'host',
    code: throwsInText('toLocaleString();'),
  },
  {
    name: '__defineGetter__ as a global',
    source: 'hacksparrow/safe-eval#32',
    gains: 'host',
    code: throwsInText(`__defineGetter__('x');`),
  },
  {
    name: 'propertyIsEnumerable of nothing',
    source: 'gf3/sandbox#67',
    gains: 'host',
    code: throwsInText('propertyIsEnumerable.call(undefined);'),
  },
  {
    name: 'errors that suppress others',
    source: 'GHSA-55hx-c926-fr95',
    gains: 'host',
    code: `for (const fails of given.fails) {
        const stack = new DisposableStack();
        stack.defer(() => { throw null; });
        stack.defer(fails);
        try { stack.dispose(); } catch (error) { take(error); take(error.suppressed?.constructor.constructor); take(error.error?.constructor?.constructor); }
      }`,
  },
  {
    name: 'errors at the end of a scope',
    source: 'CVE-2026-26332',
    gains: 'host',
    code: `for (const fails of given.fails) {
        const end = (0, eval)('(resource) => { using held = resource; throw null; }');
        try { end({ [Symbol.dispose]: fails }); } catch (error) { take(error.error?.constructor.constructor); }
      }`,
  },
  {
    name: 'the errors in an error',
    source: 'GHSA-m283-3h24-438v',
    gains: 'host',
    code: `for (const fails of given.fails) {
        try { fails(); } catch (error) {
          const outer = new AggregateError([error], 'x', { cause: error });
          for (const inner of [error, error.cause, outer.cause, ...outer.errors]) take(inner?.constructor?.constructor);
        }
      }`,
  },
  {
    name: 'something without a prototype, thrown through code outside',
    source: 'GHSA-9vg3-4rfj-wgcm',
    gains: 'host',
    code: `const bare = { __proto__: null };
      try { given.call(() => { throw bare; }); } catch (caught) {
        caught.held = given.things[0];
        take(bare.held?.constructor); take(bare.held?.constructor.constructor);
      }
      given.call((value) => { take(value); take(Object.getPrototypeOf(value).constructor?.constructor); });`,
  },
];
