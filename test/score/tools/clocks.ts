/** Where a vat might find the time: names to look at, and a search through all that it can call. */

export type Probe = Readonly<{ name: string; code: string; expected: RegExp }>;

const nothing = /^(?:undefined|throws|NaN|false$)/u;

const absent = (name: string): Probe => ({
  name,
  code: `typeof ${name}`,
  expected: /^undefined$/u,
});
const without = (name: string, code: string): Probe => ({
  name,
  code,
  expected: nothing,
});

export const probes: readonly Probe[] = [
  ...[
    'performance',
    'process',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'requestAnimationFrame',
    'requestIdleCallback',
    'SharedArrayBuffer',
    'Atomics',
    'WebAssembly',
    'Temporal.Now',
    'Intl',
    'WeakRef',
    'FinalizationRegistry',
    'MessageChannel',
    'BroadcastChannel',
    'Worker',
    'Event',
    'EventTarget',
    'PerformanceObserver',
    'structuredClone',
    'gc',
    'scheduler',
    'navigator',
    'fetch',
    'crypto',
    'require',
    'Bun',
    'Deno',
  ].map(absent),
  without('Date.now', 'Date.now()'),
  without('new Date', 'new Date().getTime()'),
  without('Date as a function', 'Date()'),
  without('Date by Reflect', 'Reflect.construct(Date, []).getTime()'),
  without('Date of a constructor', 'new (new Date(0).constructor)().getTime()'),
  without(
    'Date in a Compartment',
    `new Compartment({}).evaluate('Date.now()')`,
  ),
  without('Date in a subclass', 'new (class extends Date {})().getTime()'),
  without('Math.random', 'Math.random()'),
  without(
    'console.time',
    `typeof console.time === 'function' && console.time('x')`,
  ),
  without('console.timeStamp', 'console.timeStamp()'),
  without(
    'performance by a global of globals',
    'globalThis.globalThis.performance.now()',
  ),
  without('performance by Function', `Function('return performance.now()')()`),
  without(
    'performance by a host function',
    `console.log.constructor('return performance.now()')()`,
  ),
  without(
    'the time stamp of an event',
    `(() => { const c = new AbortController(); let t; c.signal.addEventListener('abort', (e) => { t = e.timeStamp; }); c.abort(); return t; })()`,
  ),
  without(
    'the class of an event',
    `(() => { const c = new AbortController(); let t; c.signal.addEventListener('abort', (e) => { t = new e.constructor('x').timeStamp; }); c.abort(); return t; })()`,
  ),
  without(
    'Atomics.wait by a buffer',
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)',
  ),
  {
    name: 'a stack',
    code: `String(Error('x').stack)`,
    expected: /^(?:undefined|Error: x)?$/u,
  },
  {
    name: 'the locale of a Date',
    code: `new Date(0).toLocaleString()`,
    expected: /1970|Invalid|throws/u,
  },
  {
    name: 'an async stack',
    code: `(async () => { await null; return typeof Error.captureStackTrace; })()`,
    expected: /^(?:undefined|function)$/u,
  },
];

/**
 * The body of a vat that calls every function that it can reach, without an
 * argument and with some, waits by counting, and calls it again. What has
 * changed meanwhile is told with its path.
 */
export const clockSearch = `
  const isThing = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';
  // It would end the vat, or never come back.
  const spared = /exitVat|lockdown|fill$|padStart$|padEnd$|repeat$/;
  const collect = () => {
    const seen = new Map();
    const queue = [['globalThis', globalThis], ['vatPowers', vatPowers], ['modules', modules], ['baggage', baggage], ['parameters', parameters]];
    const calls = [];
    for (const [path, value] of queue) {
      if (!isThing(value) || seen.has(value)) continue;
      seen.set(value, path);
      for (const key of Reflect.ownKeys(value)) {
        let d; try { d = Reflect.getOwnPropertyDescriptor(value, key); } catch { continue; }
        const name = path + '.' + String(key);
        for (const f of [d.value, d.get]) {
          if (typeof f === 'function' && !spared.test(name)) calls.push([name, value, f]);
          if (isThing(f)) queue.push([name, f]);
        }
      }
      try { const p = Reflect.getPrototypeOf(value); if (p) queue.push([path + '.__proto__', p]); } catch {}
    }
    return calls;
  };
  const args = [[], [0], ['x'], [{}], [() => 1]];
  const plain = (v) => {
    if (typeof v === 'symbol') return '';
    if (!isThing(v)) return String(v);
    if (v instanceof Date) { try { return 'date ' + v.getTime(); } catch { return ''; } }
    if (ArrayBuffer.isView(v)) return v.join();
    return typeof v;
  };
  const callAll = (calls) => calls.flatMap(([, holder, f]) => args.flatMap((list) => {
    const results = [];
    try { results.push(plain(Reflect.apply(f, holder, list))); } catch (e) { results.push('threw'); }
    try { results.push(plain(Reflect.construct(f, list))); } catch (e) { results.push('threw'); }
    return results;
  }));
  const wait = (n) => { let x = 0; for (let i = 0; i < n; i += 1) x = (x * 31 + i) | 0; return x; };
  const compare = (calls, one, other) => {
    const per = args.length * 2;
    return calls.flatMap(([path], i) => {
      for (let k = i * per; k < (i + 1) * per; k += 1) if (one[k] !== other[k]) return [[path, one[k].slice(0, 60), other[k].slice(0, 60)]];
      return [];
    });
  };
  let calls; let last;
  return makeDefaultExo('Searcher', {
    search: () => {
      calls = collect();
      // The first round sets up what is set up once.
      callAll(calls);
      const one = callAll(calls); wait(2e7); last = callAll(calls);
      return harden({ functions: calls.length, changed: compare(calls, one, last) });
    },
    searchAgain: () => harden({ functions: calls.length, changed: compare(calls, last, callAll(calls)) }),
  });`;
