/**
 * Vats for the tests of the collector: an exporter that makes objects of one
 * kind, and importers that hold them strongly, weakly or not at all.
 */

export const kinds = ['heap', 'virtual', 'durable'] as const;
export type Kind = (typeof kinds)[number];

/** How an importer holds: in memory, in virtual collections, or in baggage. */
export const styles = ['heap', 'virtual', 'durable'] as const;
export type Style = (typeof styles)[number];

const makers: Record<Kind, string> = {
  heap: `const make = (label) => makeDefaultExo('Thing', { hi: () => 'hi ' + label });
    const held = new Map(); const init = (k, v) => { held.set(k, v); };`,
  virtual: `const make = VatData.defineKind('Thing', (label) => ({ label }), { hi: ({ state }) => 'hi ' + state.label });
    const held = new Map(); const init = (k, v) => { held.set(k, v); };`,
  durable: `
    if (!baggage.has('handle')) {
      baggage.init('handle', VatData.makeKindHandle('Thing'));
      baggage.init('held', VatData.makeScalarBigMapStore('held', { durable: true }));
    }
    const make = VatData.defineDurableKind(baggage.get('handle'), (label) => ({ label }), { hi: ({ state }) => 'hi ' + state.label });
    const held = baggage.get('held'); const init = (k, v) => { held.init(k, v); };`,
};

/** Makes things, and holds each of them itself until it is told to drop it. */
export const exporterSource = (kind: Kind): string => `
  ${makers[kind]}
  return makeDefaultExo('Exporter', {
    bootstrap() {},
    make(labels) { for (const label of labels) init(label, make(label)); },
    things: (labels) => harden(labels.map((label) => held.get(label))),
    drop(labels) { for (const label of labels) held.delete(label); },
    give(importer, labels) {
      return E(importer).take(harden(labels.map(([label, style]) => [label, style, held.get(label)])));
    },
  });`;

export const importerSource = `
  if (!baggage.has('strong')) {
    baggage.init('strong', VatData.makeScalarBigMapStore('strong', { durable: true }));
    baggage.init('weak', VatData.makeScalarBigMapStore('weak', { durable: true }));
  }
  const strong = {
    heap: new Map(),
    virtual: VatData.makeScalarBigMapStore('strong'),
    durable: baggage.get('strong'),
  };
  // A weak collection for each label: one whose key is gone cannot be asked to
  // delete it, but it can be dropped itself.
  const weak = { heap: new Map(), virtual: new Map(), durable: baggage.get('weak') };
  const put = (map, k, v) => { map.init ? map.init(k, v) : map.set(k, v); };
  const weakOf = {
    heap: (thing) => { const w = new WeakMap(); w.set(thing, 1); return w; },
    virtual: (thing) => { const w = VatData.makeScalarBigWeakMapStore('w'); w.init(thing, 1); return w; },
    durable: (thing) => { const w = VatData.makeScalarBigWeakMapStore('w', { durable: true }); w.init(thing, 1); return w; },
  };
  return makeDefaultExo('Importer', {
    bootstrap() {},
    take(things) {
      for (const [label, style, thing] of things) {
        put(strong[style], label, thing);
        put(weak[style], label, weakOf[style](thing));
      }
    },
    drop(labels) { for (const [label, style] of labels) strong[style].delete(label); },
    retire(labels) { for (const [label, style] of labels) weak[style].delete(label); },
    has: (labels) => harden(labels.map(([label, style]) => weak[style].get(label).has(strong[style].get(label)))),
    callAll: (labels) => Promise.all(labels.map(([label, style]) =>
      E(strong[style].get(label)).hi().catch((e) => e.message))),
  });`;
