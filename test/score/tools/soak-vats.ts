/** The vats of the soak: one that makes things and promises, one that uses them, and small ones that come and go. */
import { vatSource } from '../../../packages/nodejs/src/testing/vat-source.ts';

/** Half of its things live in memory, half in the store. */
export const maker = vatSource(`
  if (!baggage.has('Thing')) baggage.init('Thing', VatData.makeKindHandle('Thing'));
  const makeDurable = VatData.defineDurableKind(baggage.get('Thing'), (label) => ({ label }), { hi: ({ state }) => 'hi ' + state.label });
  const make = (label) => (label.endsWith('1') ? makeDurable(label) : makeDefaultExo('Thing', { hi: () => 'hi ' + label }));
  const kits = new Map();
  return makeDefaultExo('Maker', {
    bootstrap: () => {},
    echo: (value) => value,
    things: (labels) => harden(labels.map(make)),
    promise: (id) => { const kit = makePromiseKit(); kits.set(id, kit); return harden([kit.promise]); },
    settle: (id, well) => { const kit = kits.get(id); kits.delete(id); if (well) kit.resolve(make(id)); else kit.reject(Error('no ' + id)); },
    say: (text) => { console.log(text); },
    fail: () => { throw Error('as it was asked to'); },
  });`);

export const user = vatSource(`
  let kept = [];
  return makeDefaultExo('User', {
    take: async (things) => { kept = things; return (await Promise.all(things.map((thing) => E(thing).hi()))).join(); },
    await: (promise) => promise.then(() => 'well', (error) => error.message),
    ahead: (promise) => E(promise).hi(),
    ask: (maker, label) => E(E.get(E(maker).things([label]))[0]).hi(),
  });`);

export const passing = vatSource(`
  if (!baggage.has('n')) baggage.init('n', 0);
  return makeDefaultExo('Passing', {
    bootstrap: (vats) => (vats.other ? E(vats.other).next() : undefined),
    next: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
  });`);
