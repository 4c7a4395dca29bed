/**
 * Makes money, and keeps the books of it. A purse is the right to move the
 * money of one account, a payee only the right to add to it, the issuer only
 * the right to open purses and to tell real ones from others. Who holds the
 * root of this vat can make money.
 */
import { M } from '@endo/patterns';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';
import { makeLedger } from './ledger.js';
import { provide } from './provide.js';

const payeeGuard = M.interface('Payee', {
  describe: M.call().returns(M.record()),
});

const purseGuard = M.interface('Purse', {
  describe: M.call().returns(M.record()),
  balance: M.call().returns(M.number()),
  payee: M.call().returns(M.remotable('payee')),
  transfer: M.call(M.remotable('payee'), M.number())
    .optional(M.string())
    .returns(M.number()),
  transferAll: M.call(M.remotable('payee')).returns(M.number()),
});

const issuerGuard = M.interface('Issuer', {
  makePurse: M.call(M.string(), M.string()).returns(M.remotable('purse')),
  currencyOf: M.call(M.remotable('payee')).returns(M.string()),
});

const provideHandle = (baggage, name) =>
  provide(baggage, `kind ${name}`, () => VatData.makeKindHandle(name));

const definePayee = (baggage, ledger) =>
  VatData.defineDurableKind(
    provideHandle(baggage, 'Payee'),
    (number) => ({ number }),
    {
      describe: ({ state }) => {
        const { owner, currency } = ledger.read(state.number);
        return harden({ owner, currency });
      },
    },
    { interfaceGuard: payeeGuard },
  );

/** All state of a purse is the number of its account, and its payee. */
const definePurse = (baggage, ledger, numberOf) =>
  VatData.defineDurableKind(
    provideHandle(baggage, 'Purse'),
    (number, payee) => ({ number, payee }),
    {
      describe: ({ state }) => ledger.read(state.number),
      balance: ({ state }) => ledger.read(state.number).balance,
      payee: ({ state }) => state.payee,
      transfer: ({ state }, payee, amount, memo) =>
        ledger.move(state.number, numberOf(payee), amount, memo),
      /** Empties the purse; answers how much that was. */
      transferAll: ({ state }, payee) => {
        const to = numberOf(payee);
        const { balance } = ledger.read(state.number);
        if (balance > 0) ledger.move(state.number, to, balance);
        return balance;
      },
    },
    { interfaceGuard: purseGuard },
  );

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  const ledger = makeLedger(baggage);
  // Only what was made here is in this table, so a look-alike from another vat
  // is nobody's account.
  const numbers = provide(baggage, 'numbers', () =>
    VatData.makeScalarBigWeakMapStore('numbers', { durable: true }),
  );
  const numberOf = (payee) => {
    if (!numbers.has(payee)) throw Error('this is no purse of this mint');
    return numbers.get(payee);
  };

  // Kinds are defined anew in every incarnation, with the handle of the first.
  const makePayee = definePayee(baggage, ledger);
  const makePurseOf = definePurse(baggage, ledger, numberOf);
  const makePurse = (owner, currency) => {
    const number = ledger.open(owner, currency);
    const payee = makePayee(number);
    const purse = makePurseOf(number, payee);
    numbers.init(purse, number);
    numbers.init(payee, number);
    return purse;
  };

  const makeIssuer = VatData.defineDurableKind(
    provideHandle(baggage, 'Issuer'),
    () => ({}),
    {
      makePurse: (_context, owner, currency) => makePurse(owner, currency),
      currencyOf: (_context, payee) => ledger.read(numberOf(payee)).currency,
    },
    { interfaceGuard: issuerGuard },
  );

  return makeDefaultExo('Mint', {
    issuer: () => provide(baggage, 'issuer', makeIssuer),
    issue: (purse, amount, memo) => ledger.issue(numberOf(purse), amount, memo),
    total: ledger.total,
    applied: ledger.applied,
    journal: ledger.journal,
  });
};
