/**
 * A vat that counts everything it can reach: own properties and prototypes,
 * recursively, each thing under the first path that leads to it.
 */

export const censusSource = `
  const describe = (value) => {
    const type = typeof value;
    if (type === 'symbol' || type === 'string' || type === 'number') return type;
    if (value === null || (type !== 'object' && type !== 'function')) return String(value);
    return (Object.isFrozen(value) ? '' : 'mutable ') + (type === 'function' ? 'function' : Object.prototype.toString.call(value).slice(8, -1) === 'Array' ? 'array' : 'object');
  };
  const isThing = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const keyText = (key) => typeof key === 'symbol' ? '[' + String(key.description) + ']' : '.' + key;

  const census = (roots) => {
    const seen = new Map(); const lines = []; const queue = [];
    const visit = (path, value) => {
      if (!isThing(value)) { lines.push(path + ': ' + describe(value)); return; }
      if (seen.has(value)) { lines.push(path + ': = ' + seen.get(value)); return; }
      seen.set(value, path); lines.push(path + ': ' + describe(value)); queue.push(value);
    };
    for (const [name, value] of roots) visit(name, value);
    for (const value of queue) {
      const path = seen.get(value);
      const prototype = Object.getPrototypeOf(value);
      const isFunction = typeof value === 'function';
      // What every function has is not worth a line.
      if (prototype !== null && !(isFunction && prototype === Function.prototype)) visit(path + '.__proto__', prototype);
      const keys = Reflect.ownKeys(value).filter((key) => !(isFunction && (key === 'length' || key === 'name'))).map((key) => [keyText(key), key]);
      keys.sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0));
      for (const [text, key] of keys) {
        const { get, set, value: held } = Object.getOwnPropertyDescriptor(value, key);
        if (get || set) {
          if (get) visit(path + '<get>' + text, get);
          if (set) visit(path + '<set>' + text, set);
        } else visit(path + text, held);
      }
    }
    return { lines: lines.sort(), things: [...seen] };
  };

  const attempt = (f) => { try { return ['returned', String(f())]; } catch (e) { return ['threw', e.name]; } };
  const functions = () => census([['globalThis', globalThis]]).things.filter(([value]) => typeof value === 'function');
  return makeDefaultExo('Census', {
    census: () => harden(census([['globalThis', globalThis]]).lines),
    powers: () => harden(census([['globalThis', globalThis], ['vatPowers', vatPowers]]).lines.filter((line) => line.startsWith('vatPowers'))),
    mutable: () => harden(census([['globalThis', globalThis]]).lines.filter((line) => line.includes(': mutable'))),
    // What evaluates code outside of the Compartment would return another global.
    escapes: () => harden(functions().flatMap(([f, path]) => {
      try { const made = Reflect.construct(f.constructor, ['return this']); return typeof made === 'function' && made() !== undefined ? [path] : []; } catch { return []; }
    })),
    odd: () => harden(functions().filter(([f]) => !(f instanceof Function || f === Function.prototype)).map(([, path]) => path)),
    sources: () => harden(functions().filter(([f]) => /node:|internal\\/|\\/node_modules|file:/.test(Function.prototype.toString.call(f))).map(([, path]) => path)),
    attempts: () => harden({
      now: attempt(() => Date.now()), date: attempt(() => new Date()), text: attempt(() => Date()),
      random: attempt(() => Math.random()),
      intl: attempt(() => new Intl.DateTimeFormat().format()),
      locale: attempt(() => new Date(0).toLocaleString()),
    }),
    lockdown: () => harden(attempt(() => lockdown({ errorTaming: 'unsafe' }))),
    stack: () => harden(attempt(() => { Error.prepareStackTrace = (e, sites) => sites; const o = {}; Error.captureStackTrace(o); return typeof o.stack + String(o.stack); })),
    absent: (names) => harden(names.filter((name) => { try { return name in globalThis || new Compartment({}).evaluate('typeof ' + name) !== 'undefined'; } catch (e) { return 'threw ' + e.message; } })),
  });`;
