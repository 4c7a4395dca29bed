/** The two vats of the check: one that runs a probe, and its neighbour in the same process. */
import { realmTools } from './realm-tools.ts';

/** What language alone leads to, and no global names. */
const hidden = `
  const hidden = {
    generator: getPrototypeOf(function* () {}), asynchronous: getPrototypeOf(async () => {}),
    asynchronousGenerator: getPrototypeOf(async function* () {}), arrayIterator: getPrototypeOf([].values()),
    mapIterator: getPrototypeOf(new Map().entries()), textIterator: getPrototypeOf(''[Symbol.iterator]()),
    matches: getPrototypeOf(''.matchAll(/x/g)), typedArray: getPrototypeOf(Uint8Array), error: getPrototypeOf(Error('x')),
  };`;

/** What this vat, like any, has from outside of its own code; but for the power to end itself, which it would use. */
const given = `
  const granted = ['setTimeout', 'clearTimeout', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'crypto', 'AbortController', 'Date', 'Math', 'Headers', 'Request', 'Response', 'fetch']
    .map((name) => globalThis[name]).filter(isThing);
  const marshal = modules['@endo/marshal'];
  const given = {
    things: [
      console, ...Object.values(console), harden, E, Far, M, makeDefaultExo, makePromiseKit, VatData, ...Object.values(VatData), HandledPromise, Compartment,
      baggage, baggage.get, ...Object.values(modules), ...Object.values(modules).flatMap((module) => Object.values(module)),
      ...granted, ...granted.flatMap((thing) => ownKeys(thing).map((key) => attempt(() => thing[key]))),
    ].filter((thing, i, all) => isThing(thing) && all.indexOf(thing) === i),
    fails: [
      () => baggage.get('not there'), () => modules['@endo/patterns'].mustMatch(1, M.string()), () => Far(1, 2), () => VatData.defineKind('x', 1, {}),
      () => new URL('nonsense'), () => atob('%'), () => marshal.makeMarshal().fromCapData({ body: '#[', slots: [] }), () => makeDefaultExo(), () => lockdown(),
      () => new Compartment({ __options__: true, globals: 1, modules: 1 }).evaluate('('),
    ],
    call: (f) => marshal.makeMarshal((value) => { f(value); return 'x'; }).toCapData(harden({ x: makeDefaultExo('X', {}) })),
  };`;

/** `attempt` runs one probe; `findings` tells what it has taken since. */
export const probingVat = `
  ${realmTools}
  ${given}
  let taker = makeTaker(Object.values(vatPowers));
  return makeDefaultExo('Prober', {
    run: async (code, neighbour, list) => {
      taker = makeTaker(Object.values(vatPowers));
      const powers = { ...given, list, promise: E(neighbour).hi('you'), rejected: E(neighbour).missing() };
      powers.rejected.catch(() => {});
      try {
        const probe = (0, eval)('(async (take, given, neighbour) => {' + code + '\\n})');
        await probe(taker.take, powers, neighbour);
        return 'it came to its end';
      } catch (error) { return 'threw ' + String(attempt(() => error.message)); }
    },
    findings: async () => harden(await taker.examine()),
  });`;

/** Keeps a secret that is made where no probe comes by. */
export const neighbourVat = `
  ${realmTools}
  ${hidden}
  let kept;
  return makeDefaultExo('Neighbour', {
    begin: (secret) => {
      kept = makeNeighbour(secret, { globalThis, modules, vatPowers, hidden });
      globalThis.mine = { secret };
      kept.begin();
    },
    hi: (name) => kept.exported.hi(name),
    spoil: (yes) => { if (yes) globalThis.escaped = 1; else delete globalThis.escaped; },
    check: async () => harden([...(await kept.check()), ...(typeof mine.secret === 'string' ? [] : ['its global'])]),
  });`;
