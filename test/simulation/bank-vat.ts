/**
 * The vats of the simulation. Each bank keeps purses, and a ledger of what was
 * applied, so that what must hold can be read from the committed store: every
 * key of the ledger says what it counts. A payment between banks is on its way
 * as long as its sender's watch on the result is there.
 */

/** Evaluated in the vat as the inside of `buildRootObject`. */
const bank = `
  const provide = (name, make) => {
    if (!baggage.has(name)) baggage.init(name, make());
    return baggage.get(name);
  };
  const table = (name) =>
    provide(name, () => VatData.makeScalarBigMapStore(name, { durable: true }));
  const kind = (name) => provide('kind ' + name, () => VatData.makeKindHandle(name));
  const ledger = table('ledger');
  const kept = table('kept');
  const get = (key) => (ledger.has(key) ? ledger.get(key) : 0);
  const bump = (key, by = 1) => {
    const value = get(key) + by;
    if (ledger.has(key)) ledger.set(key, value); else ledger.init(key, value);
    return value;
  };
  const quietly = (promise) => { promise.catch(() => {}); return promise; };

  const watchRefund = VatData.providePromiseWatcher(
    kind('Refund'),
    () => {},
    (_reason, purse, amount) => { purse.refund(amount); },
  );
  const watchNote = VatData.providePromiseWatcher(
    kind('NoteWatch'),
    () => {},
    (_reason, peer) => { bump('failed:' + peer); },
  );
  const pay = (state, self, amount, payee) => {
    if (state.balance < amount) throw Error('not enough money');
    state.balance -= amount;
    const result = quietly(E(payee).deposit(amount));
    VatData.watchPromise(result, watchRefund, self, amount);
    return result;
  };
  const makePurse = VatData.defineDurableKind(
    kind('Purse'),
    (balance) => ({ balance }),
    {
      balance: ({ state }) => state.balance,
      deposit: ({ state }, amount) => { state.balance += amount; return amount; },
      refund: ({ state }, amount) => { state.balance += amount; },
      move: ({ state }, op, to, amount) => {
        bump('applied:' + op);
        if (state.balance < amount) throw Error('not enough money');
        state.balance -= amount;
        to.refund(amount);
      },
      transfer: ({ state, self }, op, payee, amount) => {
        bump('applied:' + op);
        return pay(state, self, amount, payee);
      },
      transferAndGo: ({ state, self }, op, payee, amount) => {
        bump('applied:' + op);
        pay(state, self, amount, payee);
        return 'sent';
      },
      transferLater: ({ state, self }, op, peer, index, amount) => {
        bump('applied:' + op);
        return pay(state, self, amount, quietly(E(peer).later(index)));
      },
    },
  );
  let tokens = [];
  const peers = () => baggage.get('peers');
  const otherPeer = (name) => peers().find(([other]) => other === name)[1];
  const bankOf = (name) => (name === baggage.get('name') ? root : otherPeer(name));
  const makeToken = () => {
    const marks = new Map();
    return makeDefaultExo('Token', {
      touch: () => 'touched',
      mark: (by, n) => {
        if (n <= (marks.get(by) ?? 0)) bump('violation:order of marks by ' + by);
        marks.set(by, n);
        return n;
      },
    });
  };
  let marked = 0;

  const root = makeDefaultExo('Bank', {
    bootstrap: async (vats) => {
      const names = Object.keys(vats).sort();
      return Promise.all(names.map(async (name) =>
        harden([name, vats[name], await E(vats[name]).open(name)])));
    },
    open: (name) => {
      baggage.init('name', name);
      baggage.init('padding', 'x'.repeat(parameters.padding));
      const purses = Array.from({ length: parameters.purses }, () => makePurse(parameters.money));
      baggage.init('purses', harden(purses));
      return harden(purses);
    },
    meet: (all) => {
      const name = baggage.get('name');
      baggage.init('peers', harden(all.filter(([other]) => other !== name)));
    },
    ping: () => 'pong',
    later: (index) => {
      const kit = makePromiseKit();
      quietly(kit.promise);
      E(peers()[0][1]).ping().then(
        () => kit.resolve(baggage.get('purses')[index]),
        (error) => kit.reject(error));
      return kit.promise;
    },
    pass: (op, hops, from, payee, amount) =>
      hops === 0
        ? E(from).transfer(op, payee, amount)
        : E(peers()[hops % peers().length][1]).pass(op, hops - 1, from, payee, amount),
    note: (sender, n) => {
      if (n <= get('last:' + sender)) bump('violation:order of ' + sender);
      bump('last:' + sender, n - get('last:' + sender));
      bump('received:' + sender);
      return n;
    },
    sendNotes: (op, count) => {
      bump('applied:' + op);
      for (const [name, peer] of peers()) {
        for (let i = 0; i < count; i += 1) {
          const result = quietly(E(peer).note(baggage.get('name'), bump('sent:' + name)));
          VatData.watchPromise(result, watchNote, name);
        }
      }
    },
    selfLater: () => E(peers()[0][1]).ping().then(() => root),
    sendNotesLate: (op, count) => {
      bump('applied:' + op);
      const [name, peer] = peers()[0];
      const later = quietly(E(peer).selfLater());
      for (let n = 1; n <= count; n += 1) {
        bump('sent:' + name);
        const sender = baggage.get('name') + ' by ' + op;
        VatData.watchPromise(quietly(E(later).note(sender, n)), watchNote, name);
      }
    },
    rootLater: (name) => E(peers()[0][1]).ping().then(() => bankOf(name)),
    sendNotesVia: (op, peerName, targetName, count) => {
      bump('applied:' + op);
      const later = quietly(E(otherPeer(peerName)).rootLater(targetName));
      const sender = baggage.get('name') + ' by ' + op;
      let n = 0;
      const send = (target) => {
        n += 1;
        bump('sent:' + targetName);
        VatData.watchPromise(quietly(E(target).note(sender, n)), watchNote, targetName);
      };
      for (let i = 0; i < count; i += 1) send(later);
      for (let i = 0; i < count; i += 1) {
        const [, other] = peers()[i % peers().length];
        E(other).ping().then(() => send(later), () => {});
      }
      quietly(later.then((target) => {
        for (let i = 0; i < count; i += 1) send(target);
      }));
    },
    handOn: (op, peerName, thirdName, count) => {
      bump('applied:' + op);
      const token = makeToken();
      const kit = makePromiseKit();
      quietly(kit.promise);
      const peer = otherPeer(peerName);
      quietly(E(peer).ping()).then(() => kit.resolve(token), kit.reject);
      return E(peer).handTo(thirdName, token, kit.promise, count);
    },
    handTo: (thirdName, token, promise, count) => {
      quietly(E(token).touch());
      return E(bankOf(thirdName)).use(token, promise, count);
    },
    use: async (token, promise, count) => {
      tokens.push(token);
      quietly(promise);
      marked += 1;
      const by = baggage.get('name') + ' ' + marked;
      for (let n = 1; n <= count; n += 1) {
        quietly(E(token).mark(by, n));
        quietly(E(promise).mark(by + ' later', n));
      }
      await E(peers()[0][1]).ping();
      for (let n = count + 1; n <= 2 * count; n += 1) {
        quietly(E(token).mark(by, n));
        quietly(E(promise).mark(by + ' later', n));
      }
      const direct = await promise;
      quietly(E(direct).mark(by + ' later', 2 * count + 1));
      return E(token).mark(by, 2 * count + 1);
    },
    cross: (op, peerName) => {
      bump('applied:' + op);
      const peer = otherPeer(peerName);
      const one = makePromiseKit();
      const two = makePromiseKit();
      const first = E(peer).await(one.promise);
      const second = E(peer).await(harden([two.promise, first]));
      E(peer).ping().then(() => one.resolve(harden({ other: two.promise })), one.reject);
      E(peer).ping().then(() => two.resolve(harden({ other: one.promise })), two.reject);
      return Promise.allSettled([first, second, one.promise, two.promise]).then(() => 'crossed');
    },
    await: async (value) => { const found = await value; return harden([found]); },
    share: (op, peerName) => {
      bump('applied:' + op);
      return E(otherPeer(peerName)).keepToken(makeToken());
    },
    keepToken: (token) => {
      tokens.push(token);
      quietly(E(tokens[0]).touch());
      return E(token).touch();
    },
    keep: (op, purse, count) => {
      bump('applied:' + op);
      for (let i = 0; i < count; i += 1) kept.init('kept:' + bump('kept'), purse);
    },
    tidy: (op) => {
      bump('applied:' + op);
      let found = 0;
      for (const key of [...kept.keys()]) {
        kept.get(key);
        kept.delete(key);
        found += 1;
      }
      if (kept.getSize() !== 0) bump('violation:a key was not found again');
      tokens = [];
      return found;
    },
    visit: (roots, purse) => {
      kept.init('kept:' + bump('kept'), purse);
      for (const root of roots) {
        const token = makeDefaultExo('Token', { touch: () => 'touched' });
        quietly(E(root).keepToken(token));
        quietly(E(purse).balance());
      }
    },
  });
  return root;`;

export const vatBundle = JSON.stringify({
  moduleFormat: 'iife',
  external: {},
  code: `
var __vatExports__ = (function (exports) {
  const modules = __hostModules__;
  const { E } = modules['@endo/eventual-send'];
  const { makeDefaultExo } = modules['@ocap/kernel-utils/exo'];
  const { makePromiseKit } = modules['@endo/promise-kit'];
  exports.buildRootObject = (vatPowers, parameters, baggage) => {
    ${bank}
  };
  return exports;
})({});`,
});
