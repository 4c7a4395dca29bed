/** Code that throws: what it stands for, the code, and what its caller is told. */

export type Row = readonly [name: string, code: string, expected: RegExp];

/** Values that nobody expects to be thrown, as expressions. */
export const odd: Readonly<Record<string, string>> = {
  undefined: 'undefined',
  null: 'null',
  'a string': `'thrown'`,
  'an empty string': `''`,
  'a symbol': `Symbol('thrown')`,
  'a bigint': '12n',
  NaN: 'NaN',
  'a function': '() => 1',
  'a frozen object': 'Object.freeze({ a: 1 })',
  'an object that is not hardened': '({ a: 1 })',
  'a Map': 'new Map([[1, 2]])',
  'a promise': 'Promise.resolve(1)',
  'a promise that rejects': `Promise.reject(Error('inner'))`,
  'an exo': `makeDefaultExo('Thrown', { hi: () => 'hi' })`,
  'an object in a circle': '(() => { const o = {}; o.o = o; return o; })()',
  'an error whose cause is itself': `(() => { const e = Error('circle'); e.cause = e; return e; })()`,
  'an error without a prototype': `Object.setPrototypeOf(Error('orphan'), null)`,
  'an error whose name throws': `Object.defineProperty(Error('x'), 'name', { get() { throw Error('name'); } })`,
  'an error whose message throws': `Object.defineProperty(Error('x'), 'message', { get() { throw Error('message'); } })`,
  'an error whose message is no text': `Object.defineProperty(Error('x'), 'message', { value: { toString() { throw 1; } } })`,
  'an error whose stack throws': `Object.defineProperty(Error('x'), 'stack', { get() { throw Error('stack'); } })`,
  'an AggregateError of many': `new AggregateError(Array.from({ length: 1000 }, (_, i) => Error('e' + i)), 'many')`,
  'a proxy with throwing traps': `new Proxy({}, new Proxy({}, { get() { throw Error('trap'); } }))`,
  'a proxy of an error with throwing traps': `new Proxy(Error('x'), new Proxy({}, { get() { throw null; } }))`,
  'a function proxy with throwing traps': `new Proxy(() => {}, new Proxy({}, { get() { throw Error('trap'); } }))`,
  'a revoked proxy':
    '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()',
  'a thenable that throws': `({ then() { throw Error('then'); } })`,
  'a thenable whose then cannot be read': `({ get then() { throw Error('get then'); } })`,
  'an object that is text only with a throw': `({ toString() { throw 1; }, valueOf() { throw 2; }, [Symbol.toPrimitive]() { throw 3; } })`,
  'a string of a megabyte': `'x'.repeat(1e6)`,
  'a string of forty megabytes': `'x'.repeat(4e7)`,
  'an error with ten megabytes of message': `Error('x'.repeat(1e7))`,
  'an array of a depth of 100,000': `(() => { let a = []; for (let i = 0; i < 1e5; i += 1) a = [a]; return a; })()`,
};

const OK = /^answered "set"$/u;
const REJECTED = /^rejected: /u;
/** An engine may do it without the stack. */
const OK_OR_REJECTED = /^(?:answered "set"|rejected: )/u;

const overflow = 'const f = () => f() + 1;';

const everyOdd = (
  make: (value: string) => string,
  where: string,
  expected: RegExp,
): readonly Row[] =>
  Object.keys(odd).map((name) => [
    `${name}, ${where}`,
    make(`odd[${JSON.stringify(name)}]()`),
    expected,
  ]);

/** Each in a method of a vat that runs on. */
export const throws: readonly Row[] = [
  ...everyOdd((value) => `throw ${value};`, 'thrown in a method', REJECTED),
  ...everyOdd(
    (value) => `setTimeout(() => { throw ${value}; }, 1); return 'set';`,
    'thrown in a timer',
    OK,
  ),
  ...everyOdd(
    (value) =>
      `Promise.resolve().then(() => { throw ${value}; }); return 'set';`,
    'thrown in a microtask',
    OK,
  ),
  ...everyOdd(
    (value) => `Promise.reject(${value}); return 'set';`,
    'as an unhandled rejection',
    OK,
  ),
  ...everyOdd(
    (value) => `(async () => { await null; throw ${value}; })(); return 'set';`,
    'thrown late in an async function',
    OK,
  ),
  ...everyOdd(
    (value) => `console.log(${value}); return 'set';`,
    'on the console',
    OK,
  ),
  [
    'a timer that throws again and again',
    `let n = 0; const id = setInterval(() => { n += 1; if (n > 5) clearInterval(id); throw Error('again'); }, 1); return 'set';`,
    OK,
  ],
  [
    'a timer whose callback returns a promise that rejects',
    `setTimeout(async () => { throw Error('late'); }, 1); return 'set';`,
    OK,
  ],
  [
    'ten thousand unhandled rejections',
    `for (let i = 0; i < 1e4; i += 1) Promise.reject(Error('n' + i)); return 'set';`,
    OK,
  ],
  [
    'a rejection that is handled late',
    `const p = Promise.reject(Error('x')); setTimeout(() => p.catch(() => {}), 5); return 'set';`,
    OK,
  ],
  [
    'a message whose rejection nobody handles',
    `E(neighbour()).fail(); return 'set';`,
    OK,
  ],
  [
    'a durable watcher that throws',
    `VatData.watchPromise(E(neighbour()).fail(), watcher()); VatData.watchPromise(E(neighbour()).fail(), watcher()); return 'set';`,
    OK,
  ],
  ['stack overflow in a method', `${overflow} return f();`, REJECTED],
  [
    'stack overflow in a timer',
    `${overflow} setTimeout(f, 1); return 'set';`,
    OK,
  ],
  [
    'stack overflow in a microtask',
    `${overflow} Promise.resolve().then(f); return 'set';`,
    OK,
  ],
  [
    'stack overflow in a getter',
    'const o = { get a() { return this.a; } }; return o.a;',
    REJECTED,
  ],
  [
    'stack overflow in a proxy',
    'const p = new Proxy({}, {}); Object.setPrototypeOf(p, p); return p.a;',
    REJECTED,
  ],
  [
    'stack overflow in toString',
    'const o = { toString() { return String(this); } }; return String(o);',
    REJECTED,
  ],
  [
    'stack overflow in JSON',
    `let a = []; for (let i = 0; i < 1e6; i += 1) a = [a]; JSON.stringify(a); return 'set';`,
    OK_OR_REJECTED,
  ],
  [
    'stack overflow that is caught at its deepest',
    `const f = () => { try { return f(); } catch (e) { throw e; } }; return f();`,
    REJECTED,
  ],
  [
    'stack overflow while it is hardened',
    `let a = []; for (let i = 0; i < 1e5; i += 1) a = [a]; harden(a); return 'set';`,
    OK_OR_REJECTED,
  ],
  [
    'a result of a depth of 100,000',
    'let a = []; for (let i = 0; i < 1e5; i += 1) a = [a]; return harden(a);',
    REJECTED,
  ],
  [
    'a result that is a proxy with throwing traps',
    `return odd['a proxy with throwing traps']();`,
    REJECTED,
  ],
  [
    'a result that is a thenable that throws',
    `return odd['a thenable that throws']();`,
    REJECTED,
  ],
  [
    'an argument that is a proxy with throwing traps',
    `return E(neighbour()).count(odd['a proxy with throwing traps']());`,
    REJECTED,
  ],
];

const alive = `return makeDefaultExo('R', { alive: () => 'alive' });`;
const FAILED = /^rejected: (?!.*ran longer).*(?:did not start|bootstrap)/su;
const LAUNCHED = /^answered "launched"$/u;

const inLaunch = (name: string): readonly Row[] => {
  const value = odd[name] ?? 'undefined';
  return [
    [`${name}, thrown in buildRootObject`, `throw ${value};`, FAILED],
    [
      `${name}, thrown in bootstrap`,
      `return makeDefaultExo('R', { bootstrap: () => { throw ${value}; } });`,
      FAILED,
    ],
    [
      `${name}, thrown in a microtask of buildRootObject`,
      `Promise.resolve().then(() => { throw ${value}; }); ${alive}`,
      LAUNCHED,
    ],
    [
      `${name}, thrown in a timer of buildRootObject`,
      `setTimeout(() => { throw ${value}; }, 1); ${alive}`,
      LAUNCHED,
    ],
  ];
};

/** Each the body of a vat of its own. */
export const launches: readonly Row[] = [
  ...[
    'null',
    'a proxy with throwing traps',
    'a promise that rejects',
    'an error whose message throws',
  ].flatMap(inLaunch),
  [
    'stack overflow in buildRootObject',
    'const f = () => f() + 1; return f();',
    FAILED,
  ],
  [
    'stack overflow in bootstrap',
    `const f = () => f() + 1; return makeDefaultExo('R', { bootstrap: f });`,
    FAILED,
  ],
];

export const moreLaunches: readonly Row[] = Object.keys(odd).flatMap(inLaunch);
