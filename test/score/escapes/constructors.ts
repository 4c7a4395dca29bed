/** Probes that climb from something to the constructor of functions, which evaluates text. */
import type { Probe } from './probe.ts';

export const constructors: readonly Probe[] = [
  {
    name: 'the constructor’s constructor of this',
    source: 'CVE-2017-16088',
    gains: 'host',
    code: `const self = (function () { return this; })() ?? globalThis;
      take(self.constructor.constructor);`,
  },
  {
    name: 'the constructor’s constructor of a number',
    source: 'natevw/evel#10',
    gains: 'host',
    code: 'take((1.5).constructor.constructor);',
  },
  {
    name: 'the constructor that Function inherits',
    source: 'natevw/evel#18',
    gains: 'host',
    code: 'take(Function.__proto__.constructor);',
  },
  {
    name: 'the constructor of generators',
    source: 'patriksimek/vm2#192',
    gains: 'host',
    code: 'take(Object.getPrototypeOf(function* () {}).constructor);',
  },
  {
    name: 'a generator made of text',
    source: 'nx-js/compiler-util#14',
    gains: 'host',
    code: `const made = (function* () {}).constructor('yield typeof process === "object" ? process : undefined');
      take(made().next().value);`,
  },
  {
    name: 'the constructor of asynchronous functions',
    source: 'CVE-2026-23830',
    gains: 'host',
    code: `take((async () => {}).constructor);
      take(await (async () => {}).constructor('return typeof process === "object" ? process : undefined')());`,
  },
  {
    name: 'the constructor of asynchronous generators',
    source: 'GHSA-wxhw-j4hc-fmq6',
    gains: 'host',
    code: 'take((async function* () {}).constructor);',
  },
  {
    name: 'the constructor of what was given',
    source: 'commenthol/safer-eval#10',
    gains: 'host',
    code: 'for (const thing of given.things) take(thing.constructor);',
  },
  {
    name: 'the constructor of a method of what was given',
    source: 'commenthol/safer-eval#11',
    gains: 'host',
    code: `for (const thing of given.things) {
        for (const key of Reflect.ownKeys(thing)) { try { take(thing[key].constructor); } catch {} }
      }`,
  },
  {
    name: 'a constructor that hides behind another',
    source: 'hacksparrow/safe-eval#18',
    gains: 'host',
    code: `const self = (function () { return this; })() ?? globalThis;
      take(self.constructor.is.constructor);
      try { delete self.constructor; } catch {}
      take(self.constructor.is.constructor);`,
  },
  {
    name: 'the constructor of an inherited global',
    source: 'hacksparrow/safe-eval#38',
    gains: 'host',
    code: 'take(hasOwnProperty.constructor);',
  },
  {
    name: 'constructor as a global name',
    source: 'dy/subscript#40',
    gains: 'host',
    code: 'take(constructor.constructor);',
  },
  {
    name: 'a function made in a function that was made',
    source: 'gf3/sandbox#50',
    gains: 'host',
    code: `const self = new Function('return this')();
      take(self);
      take(new Function('return this.constructor.constructor')());`,
  },
  {
    name: 'the prototype by the getter that everything has',
    source: 'patriksimek/vm2#184',
    gains: 'host',
    code: `for (const thing of given.things) {
        const up = thing.__lookupGetter__('__proto__').call(thing);
        if (up !== null) take(Object.getOwnPropertyDescriptor(up, 'constructor')?.value);
      }`,
  },
  {
    name: 'the getter for prototypes, applied in a roundabout way',
    source: 'GHSA-grj5-jjm8-h35p',
    gains: 'host',
    code: `const getter = ({}).__lookupGetter__;
      for (const thing of given.things) {
        const climb = Reflect.apply(getter, thing, ['__proto__']);
        for (let at = thing; at !== null; at = climb.call(at)) take(Object.getOwnPropertyDescriptor(at, 'constructor')?.value?.constructor);
      }`,
  },
  {
    name: 'every prototype above what was given',
    source: 'CVE-2021-21413',
    gains: 'host',
    code: `for (const thing of given.things) {
        for (let at = thing; at !== null; at = Object.getPrototypeOf(at)) { try { take(at.constructor.constructor); } catch {} }
      }`,
  },
  {
    name: 'what a timer is made by',
    source: 'patriksimek/vm2#276',
    gains: 'host',
    code: `for (const thing of given.things.filter(({ name }) => name === 'setTimeout')) {
        const timer = thing(() => {}, 1);
        take(timer); take(timer.constructor.constructor); take(timer.ref?.().constructor.constructor);
      }`,
  },
  {
    name: 'functions constructed with another target',
    source: 'realms-shim 1.2.0, release notes',
    gains: 'host',
    code: `for (const target of [Function, Object, class extends Function {}, ...given.things]) {
        try {
          const made = Reflect.construct(Function, ['return typeof process === "object" ? process : undefined'], target);
          take(made); take(Function.prototype.call.call(made)); take(Object.getPrototypeOf(made).constructor);
        } catch {}
      }`,
  },
  {
    name: 'a class that extends Function',
    source: 'realms-shim 1.2.0, release notes',
    gains: 'host',
    code: `class Own extends Function {}
      take(new Own('return typeof process === "object" ? process : undefined')());`,
  },
  {
    name: 'the text of a function in place of its parameters',
    source: 'Agoric/realms-shim, test/realm/function-eval.js',
    gains: 'host',
    harmless:
      'engines parse the parameters and the body by themselves, as the language demands',
    code: `take(Function('/*', '*/) { return process')());
      take(Function('x = process){}, function (', 'return x')());`,
  },
  {
    name: 'the array in which arguments were handed over',
    source: 'thingsboard, js-executor, commit cf9846a58c',
    gains: 'host',
    code: 'take(given.list.constructor.constructor); take(given.list.map.constructor);',
  },
];
