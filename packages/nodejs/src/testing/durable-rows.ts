/**
 * Durable state of every sort, as data: a vat with `fill`, which is called
 * once, and `read`, which must answer the same before and after a restart.
 */

const handle = (name: string): string =>
  `if (!baggage.has('${name}')) baggage.init('${name}', VatData.makeKindHandle('${name}'));`;
const collection = (name: string, maker: string): string =>
  `if (!baggage.has('${name}')) baggage.init('${name}', VatData.${maker}('${name}', { durable: true })); const ${name} = baggage.get('${name}');`;

const values = `harden({ n: 12n, u: undefined, s: '!$&#+-%', nan: NaN, inf: -Infinity, zero: 0, list: [1, [2, []]], nested: { a: { b: null } }, '': 'empty key' })`;

export const durableRows: [string, string, unknown][] = [
  [
    'values of every passable sort in baggage',
    `return makeDefaultExo('R', {
      fill() { const v = ${values}; for (const [k, x] of Object.entries(v)) baggage.init('k' + k, x); },
      read() { return harden(Object.keys(${values}).map((k) => Object.is(baggage.get('k' + k), (${values})[k]) || JSON.stringify(baggage.get('k' + k)))); },
    });`,
    [
      true,
      true,
      true,
      true,
      true,
      true,
      '[1,[2,[]]]',
      '{"a":{"b":null}}',
      true,
    ],
  ],
  [
    'a durable kind with one facet, and its state',
    `${handle('Counter')}
     const make = VatData.defineDurableKind(baggage.get('Counter'), (n) => ({ n, peer: undefined }), {
       get: ({ state }) => state.n, inc: ({ state }) => { state.n += 1; },
       link: ({ state }, peer) => { state.peer = peer; }, peer: ({ state }) => state.peer, self: ({ self }) => self });
     return makeDefaultExo('R', {
       fill() { const x = make(1); const y = make(10); x.inc(); y.inc(); x.link(y); y.link(x); baggage.init('x', x); },
       read() { const x = baggage.get('x'); const y = x.peer(); return harden([x.get(), y.get(), y.peer() === x, x.self() === x]); },
     });`,
    [2, 11, true, true],
  ],
  [
    'a durable kind with several facets that share their state',
    `${handle('Pair')}
     const make = VatData.defineDurableKindMulti(baggage.get('Pair'), () => ({ n: 0 }), {
       adder: { add: ({ state, facets }, k) => { state.n += k; return facets.reader; } },
       reader: { get: ({ state }) => state.n, adder: ({ facets }) => facets.adder } });
     return makeDefaultExo('R', {
       fill() { const { adder, reader } = make(); adder.add(4); baggage.init('reader', reader); },
       read() { const reader = baggage.get('reader'); return harden([reader.get(), reader.adder().add(0) === reader]); },
     });`,
    [4, true],
  ],
  [
    'virtual objects, made anew from durable ones',
    `${collection('names', 'makeScalarBigMapStore')}
     const make = VatData.defineKind('View', (name) => ({ name }), { name: ({ state }) => state.name });
     return makeDefaultExo('R', {
       fill() { names.init('a', 'ann'); names.init('b', 'bob'); },
       read() { return harden([...names.values()].map((name) => make(name).name())); },
     });`,
    ['ann', 'bob'],
  ],
  [
    'a map with keys of every scalar sort, in the order of keys',
    `${collection('map', 'makeScalarBigMapStore')}
     return makeDefaultExo('R', {
       fill() { for (const k of ['b', 'a', 10, 9, -1, 3n, 20n, -4n, true, false, null, undefined, '']) map.init(k, String(k)); map.set('a', 'A'); map.delete(9); },
       read() { return harden([[...map.values()].join(), map.getSize(), map.has(3n), map.has('zz'), map.get(null)]); },
     });`,
    expectOrder(),
  ],
  [
    'a set, and a query by pattern',
    `${collection('set', 'makeScalarBigSetStore')}
     return makeDefaultExo('R', {
       fill() { for (let i = 20; i > 0; i -= 1) set.add(i); set.delete(7); },
       read() { return harden([[...set.keys(M.gte(15))], [...set.keys(M.lt(4))], set.has(7), set.getSize(M.and(M.gt(5), M.lt(9)))]); },
     });`,
    [[15, 16, 17, 18, 19, 20], [1, 2, 3], false, 2],
  ],
  [
    'weak collections keyed by durable objects',
    `${handle('Key')} ${collection('weakMap', 'makeScalarBigWeakMapStore')} ${collection('weakSet', 'makeScalarBigWeakSetStore')}
     const make = VatData.defineDurableKind(baggage.get('Key'), () => ({}), { hi: () => 'hi' });
     return makeDefaultExo('R', {
       fill() { const k = make(); baggage.init('k', k); weakMap.init(k, 'value'); weakSet.add(k); const lost = make(); weakMap.init(lost, 'lost'); weakSet.add(lost); },
       read() { const k = baggage.get('k'); return harden([weakMap.get(k), weakSet.has(k), k.hi()]); },
     });`,
    ['value', true, 'hi'],
  ],
  [
    'collections in collections, and objects in them',
    `${handle('Leaf')} ${collection('outer', 'makeScalarBigMapStore')}
     const make = VatData.defineDurableKind(baggage.get('Leaf'), (n) => ({ n }), { n: ({ state }) => state.n });
     return makeDefaultExo('R', {
       fill() { const inner = VatData.makeScalarBigMapStore('inner', { durable: true }); inner.init('leaf', make(5)); inner.init('outer', outer); outer.init('inner', inner); },
       read() { const inner = outer.get('inner'); return harden([inner.get('leaf').n(), inner.get('outer') === outer, outer.get('inner') === inner]); },
     });`,
    [5, true, true],
  ],
  [
    'a state shape that is checked',
    `${handle('Shaped')}
     const make = VatData.defineDurableKind(baggage.get('Shaped'), (n) => ({ n }), { set: ({ state }, n) => { state.n = n; }, n: ({ state }) => state.n }, { stateShape: { n: M.number() } });
     return makeDefaultExo('R', {
       fill() { const o = make(1); o.set(2); baggage.init('o', o); },
       read() { const o = baggage.get('o'); let refused = false; try { o.set('x'); } catch { refused = true; } return harden([o.n(), refused]); },
     });`,
    [2, true],
  ],
  [
    'a durable kind with an interface guard of @endo/patterns',
    `${handle('Guarded')}
     const { initEmpty } = modules['@endo/exo'];
     const guard = M.interface('Guarded', { add: M.call(M.number()).returns(M.number()) });
     const make = VatData.defineDurableKind(baggage.get('Guarded'), () => ({ n: 0 }), { add: ({ state }, k) => { state.n += k; return state.n; } }, { thisfulMethods: false, interfaceGuard: guard });
     return makeDefaultExo('R', {
       fill() { const o = make(); o.add(3); baggage.init('o', o); },
       read() { const o = baggage.get('o'); let refused; try { o.add('x'); } catch (e) { refused = /number/.test(e.message); } return harden([o.add(0), refused, typeof initEmpty]); },
     });`,
    [3, true, 'function'],
  ],
  [
    'an exo class in the manner of prepareExoClass, with `this`',
    `${handle('Purse')}
     const prepareExoClass = (guard, init, methods) => VatData.defineDurableKind(baggage.get('Purse'), init, methods, { thisfulMethods: true, interfaceGuard: guard });
     const makePurse = prepareExoClass(M.interface('Purse', { deposit: M.call(M.nat()).returns(M.nat()), self: M.call().returns(M.remotable()) }), (balance) => ({ balance }), {
       deposit(amount) { this.state.balance += amount; return this.state.balance; }, self() { return this.self; } });
     return makeDefaultExo('R', {
       fill() { const p = makePurse(5n); p.deposit(2n); baggage.init('p', p); },
       read() { const p = baggage.get('p'); return harden([String(p.deposit(0n)), p.self() === p]); },
     });`,
    ['7', true],
  ],
  [
    'an exo class kit in the manner of prepareExoClassKit',
    `${handle('Kit')}
     const makeKit = VatData.defineDurableKindMulti(baggage.get('Kit'), () => ({ log: harden([]) }), {
       writer: { put(x) { this.state.log = harden([...this.state.log, x]); return this.facets.reader; } }, reader: { all() { return this.state.log; } } },
       { thisfulMethods: true, interfaceGuard: { writer: M.interface('W', { put: M.call(M.string()).returns(M.any()) }), reader: M.interface('R', { all: M.call().returns(M.arrayOf(M.string())) }) } });
     return makeDefaultExo('R', {
       fill() { const { writer, reader } = makeKit(); writer.put('x'); baggage.init('writer', writer); baggage.init('reader', reader); },
       read() { const reader = baggage.get('reader'); return reader.all(); },
     });`,
    ['x'],
  ],
  [
    'a durable singleton in the manner of prepareExo',
    `${handle('Single')}
     const prepareExo = (methods) => { const make = VatData.defineDurableKind(baggage.get('Single'), () => ({}), methods, { thisfulMethods: true }); if (!baggage.has('single')) baggage.init('single', make()); return baggage.get('single'); };
     const single = prepareExo({ hi() { return 'hi'; }, self() { return this.self; } });
     return makeDefaultExo('R', { fill() {}, read: () => harden([single.hi(), single.self() === single, baggage.get('single') === single]) });`,
    ['hi', true, true],
  ],
];

/** The order in which liveslots encodes keys. */
function expectOrder(): unknown {
  return [
    'false,true,-1,10,-4,3,20,,A,b,null,undefined',
    12,
    true,
    false,
    'null',
  ];
}
