/**
 * Code for the realm in which probes run, in a vat or without any walls: what
 * looks at the things that a probe takes, and the neighbour that has a secret.
 * It keeps the functions that it needs, because a probe may replace them.
 */

/** Defines `makeTaker` and `makeNeighbour`. */
export const realmTools = `
  const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
  const isThing = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const attempt = (f) => { try { return f(); } catch { return undefined; } };
  // Not push, which calls setters of Array.prototype.
  const append = (list, value) => { defineProperty(list, list.length, { value, writable: true, enumerable: true, configurable: true }); };

  const DEPTH = 2;
  const telltale = ['execSync', 'readFileSync', 'createRequire', '_load', 'runInThisContext', 'getBuiltinModule', 'mainModule'];
  const signs = [
    ['process', (value) => typeof value.versions.node === 'string'],
    ['the global of the host', (value) => typeof value.process.versions.node === 'string'],
    ['a call site', (value) => typeof value.getFileName === 'function' && typeof value.getThis === 'function'],
  ];

  /** Waits for a promise, but not for ever. */
  const settled = (promise) => new Promise((resolve) => {
    attempt(() => promise.then(resolve, resolve));
    let turns = 0;
    const turn = () => { turns += 1; if (turns > 20) resolve(undefined); else Promise.resolve().then(turn); };
    turn();
  });

  /** Whether text is evaluated by it where the names of the host can be seen; asynchronous functions and generators, too. */
  const evaluates = async (f) => {
    if (attempt(() => f('typeof process')) === 'object') return true;
    if (attempt(() => typeof f('node:fs').readFileSync) === 'function') return true;
    const text = 'return typeof process';
    for (const made of [attempt(() => f(text)), attempt(() => construct(f, [text]))]) {
      if (typeof made !== 'function') continue;
      let seen = attempt(() => made());
      if (typeof attempt(() => seen.next) === 'function') seen = attempt(() => seen.next());
      if (isThing(seen) && typeof attempt(() => seen.then) === 'function') seen = await settled(seen);
      if (isThing(seen)) seen = attempt(() => seen.value);
      if (seen === 'object') return true;
    }
    return false;
  };

  /** By the looks of it. Not everything can be called to find out: the host may have things that end the process. */
  const seemsToEvaluate = (f) => {
    const { name, prototype } = f;
    const tag = isThing(prototype) ? prototype[Symbol.toStringTag] : undefined;
    return typeof prototype === 'function' || /Function$/.test(tag ?? '') || /^(?:eval|require|evaluate|Function)$/.test(name);
  };

  /** What is in \`spared\` is not called. */
  const makeTaker = (spared = []) => {
    const taken = [];
    const take = (value) => { if (taken.length < 3000) append(taken, value); };

    /** What of it nobody should have, and every text in it. */
    const examine = async () => {
      const found = []; const texts = []; const functions = []; const seen = new Set();
      const look = (value, depth) => {
        if (typeof value === 'string') { append(texts, value); return; }
        if (!isThing(value) || seen.has(value) || seen.size > 4000) return;
        seen.add(value);
        for (const [name, test] of signs) if (attempt(() => test(value)) === true) append(found, name);
        for (const name of telltale) if (isThing(attempt(() => value[name]))) append(found, name);
        if (typeof value === 'function' && !spared.includes(value) && (depth === DEPTH || attempt(() => seemsToEvaluate(value)) === true)) append(functions, value);
        if (depth === 0) return;
        look(attempt(() => getPrototypeOf(value)), depth - 1);
        for (const key of attempt(() => ownKeys(value)) ?? []) {
          append(texts, attempt(() => String(key)) ?? '');
          look(attempt(() => value[key]), depth - 1);
        }
      };
      for (let i = 0; i < taken.length; i += 1) look(taken[i], DEPTH);
      // Who has the host already need not call what it has.
      for (let i = 0; i < functions.length && found.length === 0; i += 1) {
        if (await evaluates(functions[i])) append(found, 'what evaluates outside: ' + attempt(() => functions[i].name));
      }
      return { found: [...new Set(found)], texts: texts.join('\\n') };
    };
    return { take, examine };
  };

  /** Everything that can be reached from the roots, as text. */
  const portray = (roots) => {
    const seen = new Map(); const lines = []; const queue = [];
    const visit = (path, value) => {
      if (!isThing(value)) { append(lines, path + ': ' + typeof value + ' ' + attempt(() => String(value))); return; }
      if (!seen.has(value)) { seen.set(value, path); append(queue, value); }
      append(lines, path + ': ' + seen.get(value));
    };
    for (const name of ownKeys(roots)) visit(name, roots[name]);
    for (let i = 0; i < queue.length; i += 1) {
      const value = queue[i]; const path = seen.get(value);
      append(lines, path + (attempt(() => Object.isExtensible(value)) ? ' is open' : ' is closed'));
      visit(path + '.__proto__', attempt(() => getPrototypeOf(value)));
      const keys = attempt(() => ownKeys(value)) ?? [];
      for (let k = 0; k < keys.length; k += 1) {
        const at = path + '.' + String(keys[k]);
        const { get, set, value: held } = attempt(() => getOwnPropertyDescriptor(value, keys[k])) ?? {};
        if (get || set) {
          visit(at + '<get>', get); visit(at + '<set>', set);
          const now = get && attempt(() => apply(get, value, []));
          // Not text: what the last regular expression found is there.
          if (typeof now === 'number' || typeof now === 'boolean') visit(at + '<now>', now);
        } else visit(at, held);
      }
    }
    return lines;
  };

  /** Uses its secret as programs use what they have; says what of it does not come to what it should. */
  const work = async (secret) => {
    const wrong = [];
    const expect = (what, test) => { if (attempt(test) !== true) append(wrong, what); };
    const same = (what, make) => expect(what, () => make() === secret);
    const list = [];
    same('push', () => { list.push(secret); return list[0]; });
    same('map and filter', () => [secret].map((x) => x).filter(() => true).at(0));
    same('concat and join', () => [].concat([secret]).join(''));
    same('spread', () => { const [x] = [...[secret]]; return x; });
    same('assign', () => Object.assign({}, { secret }).secret);
    same('entries', () => Object.fromEntries(Object.entries({ secret })).secret);
    same('a Map', () => new Map([['x', secret]]).get('x'));
    same('a Set', () => [...new Set([secret])].at(0));
    same('a WeakMap', () => { const key = {}; const map = new WeakMap(); map.set(key, secret); return map.get(key); });
    same('JSON', () => JSON.parse(JSON.stringify({ secret })).secret);
    same('text', () => secret.split('').slice().join(''));
    same('replace', () => ('x' + secret).replace(/^x/, ''));
    same('a regular expression', () => /^.*$/.exec(secret).at(0));
    same('call', () => ((x) => x).call(null, secret));
    same('apply', () => ((x) => x).apply(null, [secret]));
    same('bind', () => ((x) => x).bind(null, secret)());
    same('Reflect', () => Reflect.apply((x) => x, null, [secret]));
    same('an error', () => Error(secret).message);
    same('a bracket', () => { const all = []; all[0] = secret; return all[0]; });
    same('a frozen object', () => Object.freeze({ secret }).secret);
    same('a generator', () => (function* () { yield secret; })().next().value);
    const kept = async (what, make) => { let now; try { now = await settled(make()); } catch {} if (now !== secret) append(wrong, what); };
    await kept('then', () => Promise.resolve(secret).then((x) => x));
    await kept('an asynchronous function', () => (async () => secret)());
    await kept('catch', () => Promise.reject(Error(secret)).catch((e) => e.message));
    await kept('all', () => Promise.all([secret]).then((all) => all[0]));
    await kept('an asynchronous generator', () => (async function* () { yield secret; })().next().then(({ value }) => value));
    for (const thing of [{}, [], () => {}, '', 0, Promise.resolve(), Error(), new Map(), new WeakMap(), /x/, new Uint8Array()]) {
      expect('nothing has more than it had', () => thing.escaped === undefined);
    }
    expect('no new global', () => typeof escaped === 'undefined');
    return wrong;
  };

  /** Sloppy where it can be, as much old code is. */
  const greet = function (secret, name) { return 'hi ' + name; };

  const makeNeighbour = (secret, roots, seal = (value) => value) => {
    const hi = function (name) { return greet(secret, name); };
    const exported = seal({ hi });
    const box = { secret };
    let before;
    return {
      exported,
      begin: () => { before = new Set(portray(roots)); },
      /** What is not as it was at the beginning. */
      check: async () => {
        const wrong = await work(secret);
        if (box.secret !== secret) append(wrong, 'what it keeps');
        if (exported.hi !== hi || attempt(() => exported.hi('you')) !== 'hi you') append(wrong, 'what it exports');
        const after = portray(roots);
        const now = new Set(after);
        const more = after.filter((line) => !before.has(line)).map((line) => 'new: ' + line);
        const less = [...before].filter((line) => !now.has(line)).map((line) => 'gone: ' + line);
        return [...wrong, ...more, ...less].slice(0, 8);
      },
    };
  };
`;
