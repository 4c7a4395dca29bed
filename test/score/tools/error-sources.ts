/** Where errors come from, as code of a vat; each throws or rejects. */
export const errorSources: Readonly<Record<string, string>> = {
  'the vat itself': `throw Error('x');`,
  'a new error with a cause': `throw Error('x', { cause: TypeError('y') });`,
  'an AggregateError': `throw AggregateError([Error('x')], 'y');`,
  'a promise of all': `await Promise.any([Promise.reject(Error('x'))]);`,
  'a property of null': 'null.x;',
  'a call of what is no function': '({}).x();',
  'a variable that is not there': 'notThere();',
  'an assignment to what is frozen': `'use strict'; Object.freeze({ a: 1 }).a = 2;`,
  'a private field': 'class A { #a; static of(o) { return o.#a; } } A.of({});',
  JSON: `JSON.parse('{');`,
  'a regular expression': `new RegExp('(');`,
  'an array that is too long': 'new Array(-1);',
  'a string that is too long': `'x'.repeat(2 ** 30);`,
  'a number in a strange base': '(1).toString(99);',
  'a bigint': 'BigInt(1.5);',
  'a symbol as text': `String(Symbol('x') + '');`,
  'an endless recursion': 'const f = () => f() + 1; f();',
  'a proxy': 'new Proxy({}, { get() { throw Error("trap"); } }).x;',
  'an iterator': 'const [a] = null;',
  'a generator at work': 'const g = (function* () { g.next(); })(); g.next();',
  'code that is evaluated': `new Compartment({}).evaluate('null.x');`,
  'code with a fault of syntax': `new Compartment({}).evaluate('return (');`,
  'code that names a module': `new Compartment({}).evaluate('imp' + 'ort("node:fs")');`,
  'a Compartment that imports': `await new Compartment({})['imp' + 'ort']('somewhere');`,
  'an import': `await (0, eval)('imp' + "ort('node:fs')");`,
  'a Function': `Function('return (')();`,
  'the constructor of a host function':
    'console.log.constructor("return process")();',
  'the clock': 'Date.now();',
  chance: 'Math.random();',
  lockdown: 'lockdown();',
  harden: 'harden(new Proxy({}, { ownKeys() { throw Error("trap"); } }));',
  assert: `assert(false, 'x');`,
  'assert.typeof': `assert.typeof(1, 'string');`,
  'a pattern that does not match':
    'modules["@endo/patterns"].mustMatch(1, M.string());',
  'an interface guard':
    'makeDefaultExo("G", { hi: () => 1 }, M.interface("G", { hi: M.call().returns(M.string()) })).hi();',
  'an exo that is none':
    'makeDefaultExo("X", { get hi() { throw Error("got"); } });',
  'what cannot be passed':
    'await E(makeDefaultExo("X", { a: () => new Map() })).a().get();',
  'a message to nothing': 'await E(undefined).hi();',
  'a message to a number': 'await E(7).hi();',
  'a message that nobody understands':
    'await E(makeDefaultExo("X", {})).notThere();',
  'baggage without the key': `baggage.get('not there');`,
  'baggage with the key': `baggage.init('k' + Object.keys(globalThis).length, 1); baggage.init('k' + Object.keys(globalThis).length, 1);`,
  'baggage of what is not durable':
    'baggage.init("x", makeDefaultExo("X", {}));',
  'a kind that is none': 'VatData.defineDurableKind({}, () => ({}), {});',
  'a kind whose state is none':
    'VatData.defineKind("K", () => 1, { hi() {} })();',
  'a collection that is full of nonsense':
    'VatData.makeScalarBigMapStore("m").init({}, 1);',
  'a watched promise that is none': 'VatData.providePromiseWatcher(1);',
  marshal:
    'modules["@endo/marshal"].makeMarshal().fromCapData({ body: "#[", slots: [] });',
  'pass style': 'modules["@endo/pass-style"].passStyleOf({ a: 1 });',
  'a store of the host':
    'modules["@agoric/store"].makeScalarMapStore("s").get("x");',
  'a revoked proxy': `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy.x;`,
  Reflect: 'Reflect.construct(1);',
  'a typed array': 'new Uint8Array(-1);',
  'a buffer that is detached':
    'const b = new ArrayBuffer(8); b.transfer(); new Uint8Array(b);',
  'an error of the daemon’s own':
    'await E(E(makeDefaultExo("X", { f: () => 7 })).f()).g();',
};
