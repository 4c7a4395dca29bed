/** The names that every object has without having been given them, and code that tries to give all objects more. */

export const inherited = [
  '__proto__',
  'constructor',
  'toString',
  'toLocaleString',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
] as const;

/** Names that mean something to promises, functions and JSON. */
export const special = [
  'then',
  'catch',
  'prototype',
  'toJSON',
  'length',
  'name',
  'caller',
  'arguments',
] as const;

/** Each would give every object of its realm a property, if it could. */
export const attempts: readonly string[] = [
  'Object.prototype.polluted = 1',
  '({}).__proto__.polluted = 1',
  '[].__proto__.polluted = 1',
  '(() => {}).__proto__.polluted = 1',
  `''.__proto__.polluted = 1`,
  'Promise.resolve().__proto__.polluted = 1',
  'Error().__proto__.polluted = 1',
  'new Map().__proto__.polluted = 1',
  '(async () => {}).__proto__.polluted = 1',
  '(function* () {})().__proto__.__proto__.polluted = 1',
  `Reflect.set(Object.prototype, 'polluted', 1) || (() => { throw Error('refused'); })()`,
  `Object.defineProperty(Object.prototype, 'polluted', { value: 1 })`,
  `Object.prototype.__defineGetter__('polluted', () => 1)`,
  `({}).__defineSetter__.call(Object.prototype, 'polluted', () => {})`,
  `Object.setPrototypeOf(Object.prototype, { polluted: 1 })`,
  `Object.prototype.__proto__ = { polluted: 1 }`,
  `Object.assign(Object.prototype, { polluted: 1 })`,
  `({}).constructor.prototype.polluted = 1`,
  'delete Object.prototype.toString; if (!("toString" in {})) 1; else throw Error("refused")',
  'Array.prototype.map = () => []',
  'Function.prototype.call = () => 1',
  'VatData.__proto__.polluted = 1',
  'harden.__proto__.polluted = 1',
  'console.__proto__.polluted = 1',
  'globalThis.__proto__.polluted = 1',
  'HandledPromise.prototype.polluted = 1',
  'Compartment.prototype.polluted = 1',
  `new Compartment({}).evaluate('Object.prototype.polluted = 1')`,
  `Function('Object.prototype.polluted = 1')()`,
];

/** What looks like an attempt and only changes what it has made itself. */
export const harmless: readonly string[] = [
  `JSON.parse('{"__proto__":{"polluted":1}}')`,
  `Object.assign({}, JSON.parse('{"__proto__":{"polluted":1}}'))`,
  `({ ...JSON.parse('{"__proto__":{"polluted":1}}') })`,
  `Object.fromEntries([['__proto__', { polluted: 1 }]])`,
  `({ ['__proto__']: { polluted: 1 } })`,
  `({ __proto__: { polluted: 1 } })`,
  'Object.create({ polluted: 1 })',
];
