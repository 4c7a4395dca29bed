/** Probes that are not after the host, but after who shares a process: scenarios of LavaMoat above all. */
import type { Probe } from './probe.ts';

export const neighbours: readonly Probe[] = [
  {
    name: 'properties of intrinsics',
    source: 'LavaMoat, scenarios/security.js, intrinsic modification',
    gains: 'shared',
    code: `for (const target of [Object, Object.prototype, Array, Function.prototype, Promise, Symbol, Error, JSON, Math, Reflect]) { try { target.escaped = 1; } catch {} }`,
  },
  {
    name: 'globals of the platform',
    source: 'LavaMoat, scenarios/security.js, limit platform API',
    gains: 'host',
    code: `for (const name of ['setImmediate', 'queueMicrotask', 'process', 'performance', 'structuredClone', 'WebSocket', 'Worker', 'navigator']) {
        const found = (0, eval)('typeof ' + name + ' === "undefined" ? undefined : ' + name); take(found); take(found?.constructor);
      }`,
  },
  {
    name: 'writes to globals',
    source: 'LavaMoat, scenarios/globalWrites.js',
    gains: 'shared',
    code: `const self = (0, eval)('this'); try { self.escaped = 1; } catch {}
      try { Function('escaped = 1')(); } catch {}`,
  },
  {
    name: 'other names of the global',
    source: 'LavaMoat/LavaMoat#1505',
    gains: 'host',
    code: `for (const name of ['globalThis', 'global', 'self', 'window', 'top', 'parent', 'frames', 'root', 'this']) take((0, eval)('typeof ' + name + ' === "undefined" ? undefined : ' + name));`,
  },
  {
    name: 'exports of somebody else',
    source: 'LavaMoat, scenarios/exportsDefense.js',
    gains: 'shared',
    code: `try { neighbour.hi = () => 'something else'; } catch {}
      try { Object.defineProperty(neighbour, 'hi', { value: () => 'something else' }); } catch {}
      try { Object.getPrototypeOf(neighbour).hi = () => 'something else'; } catch {}`,
  },
  {
    name: 'the arguments of who called',
    source: 'LavaMoat, scenarios/arguments.js',
    gains: 'secret',
    code: `const spy = Function('take', 'return { toString: function () { for (var up = arguments.callee, i = 0; up && i < 9; up = up.caller, i += 1) { take(up); for (var k = 0; k < (up.arguments || []).length; k += 1) take(up.arguments[k]); } return "spy"; } };')(take);
      neighbour.hi(spy);`,
  },
  {
    name: 'the constructor of an object of somebody else',
    source: 'LavaMoat, scenarios/moduleExports.js',
    gains: 'host',
    code: `take(neighbour); take(neighbour.constructor?.constructor); take(neighbour.hi?.constructor); take(Object.getPrototypeOf(neighbour)?.constructor?.constructor);`,
  },
  {
    name: 'modules that both have',
    source: 'LavaMoat/LavaMoat#1565, shared modules',
    gains: 'shared',
    code: `for (const thing of given.things) {
        try { thing.escaped = 1; } catch {}
        for (const key of Reflect.ownKeys(thing)) { try { thing[key].escaped = 1; } catch {} try { thing[key].prototype.escaped = 1; } catch {} }
      }`,
  },
  {
    name: 'what the last regular expression found',
    source: 'SES, docs/lockdown.md, regExpTaming',
    gains: 'secret',
    code: `const read = () => { for (const name of ['lastMatch', '$&', 'input', '$_', 'leftContext', '$1']) take(RegExp[name]); };
      read();
      const iterate = (given.things.find(({ name }) => name === 'setTimeout') ?? (() => {}));
      iterate(read, 0);
      Promise.resolve().then(async () => { for (let turn = 0; turn < 60; turn += 1) { await null; read(); } });`,
  },
  {
    name: 'a setter for the first of every array',
    source: 'CVE-2026-44008',
    gains: 'secret',
    code: `Object.defineProperty(Array.prototype, 0, { configurable: true, set(value) { take(value); Object.defineProperty(this, 0, { value, writable: true, configurable: true, enumerable: true }); } });`,
  },
  {
    name: 'how arrays become text',
    source: 'GHSA-q3fm-4wcw-g57x',
    gains: 'secret',
    code: `const join = Array.prototype.join;
      Array.prototype.join = function (between) { for (let i = 0; i < this.length; i += 1) take(this[i]); return join.call(this, between); };`,
  },
  {
    name: 'everything that hides in the global',
    source: 'GHSA-2cm2-m3w5-gp2f',
    gains: 'host',
    code: `const self = (0, eval)('globalThis');
      for (let at = self; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
        for (const key of Reflect.ownKeys(at)) { if (String(key) === 'localStorage') continue; try { take(self[key]); } catch {} }
      }`,
  },
  {
    name: 'a name inside of the sandbox, spelt otherwise',
    source: 'GHSA-wp5r-2gw5-m7q7',
    gains: 'host',
    code: `for (const text of ['pr\\\\u006fcess', 'gl\\\\u006fbalThis', 'requ\\\\u{69}re']) { try { take((0, eval)(text)); } catch {} }
      const sloppy = Function('take', 'with ({}) { try { take(pr\\\\u006fcess); } catch (e) {} }'); sloppy(take);`,
  },
  {
    name: 'how errors are shown to all',
    source: 'vm2, docs/attacks/error-sanitization.md, category 4',
    gains: 'shared',
    code: `try { Error.stackTraceLimit = 3; } catch {}
      try { Error.prototype.toString = () => 'escaped'; } catch {}
      try { Error.prototype.escaped = 1; } catch {}
      try { Error.prepareStackTrace = () => 'escaped'; } catch {}`,
  },
];
