/**
 * The counter of the bank: what is pleasant to call from a command line. It
 * holds the mint and the escrow and does nothing that their other holders
 * could not do by themselves. Money never rests here.
 */
import { E } from '@endo/eventual-send';
import { M } from '@endo/patterns';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

const usage = `bank: a clerk that opens purses and arranges trades
  openPurse(owner, currency = "coins")  a new, empty purse
  deposit(purse, amount)                makes money; the new balance
  balance(purse)
  transfer(from, to, amount, memo?)     what is left in "from"
  total(currency = "coins")             the sum over all purses
  applied(memo)                         how many transfers carried this memo
  journal(after = 0, limit = 100)       the transfers with a memo
  trade(from, amount, to, want)         a ticket: pays "amount" from "from", wants "want" in "to"
  accept(invitation, from, to)          takes the other side; the terms
  pay(ticket, from)                     pays one's side; the phase of the trade
A ticket knows terms, phase, invitation, settle and cancel.`;

const purse = M.remotable('purse');
const seat = M.remotable('ticket or invitation');
const clerkGuard = M.interface('Clerk', {
  bootstrap: M.call(M.record()).rest(M.any()).returns(M.promise()),
  help: M.call().returns(M.string()),
  openPurse: M.call(M.string()).optional(M.string()).returns(M.promise()),
  deposit: M.call(purse, M.number()).optional(M.string()).returns(M.promise()),
  balance: M.call(purse).returns(M.promise()),
  transfer: M.call(purse, purse, M.number())
    .optional(M.string())
    .returns(M.promise()),
  total: M.call().optional(M.string()).returns(M.promise()),
  applied: M.call(M.string()).returns(M.promise()),
  journal: M.call().optional(M.number(), M.number()).returns(M.promise()),
  trade: M.call(purse, M.number(), purse, M.number()).returns(M.promise()),
  accept: M.call(seat, purse, purse).returns(M.promise()),
  pay: M.call(seat, purse).returns(M.promise()),
});

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  const mint = () => baggage.get('mint');
  const issuer = () => baggage.get('issuer');

  /** Tells a seat where its gain goes and where its stake comes back. */
  const join = async (ticket, from, to) => {
    const [gain, stake] = await Promise.all([E(to).payee(), E(from).payee()]);
    await E(ticket).join(gain, stake);
  };

  const clerk = {
    bootstrap: async (vats) => {
      const found = await E(vats.mint).issuer();
      await E(vats.escrow).start(found);
      baggage.init('mint', vats.mint);
      baggage.init('escrow', vats.escrow);
      baggage.init('issuer', found);
    },

    help: () => usage,

    openPurse: async (owner, currency = 'coins') =>
      E(issuer()).makePurse(owner, currency),

    deposit: async (into, amount, memo) => E(mint()).issue(into, amount, memo),

    balance: async (of) => E(of).balance(),

    transfer: async (from, to, amount, memo) =>
      // An absent memo stays absent: `undefined` is not a string.
      memo === undefined
        ? E(from).transfer(to, amount)
        : E(from).transfer(to, amount, memo),

    total: async (currency = 'coins') => E(mint()).total(currency),
    applied: async (memo) => E(mint()).applied(memo),
    journal: async (after = 0, limit = 100) => E(mint()).journal(after, limit),

    /** Opens a trade. Nothing is paid yet: first the ticket must be in your hands. */
    trade: async (from, amount, to, want) => {
      const [given, wanted] = await Promise.all([
        E(from).describe(),
        E(to).describe(),
      ]);
      const ticket = await E(baggage.get('escrow')).open(
        harden({ currency: given.currency, amount }),
        harden({ currency: wanted.currency, amount: want }),
      );
      await join(ticket, from, to);
      return ticket;
    },

    accept: async (invitation, from, to) => {
      await join(invitation, from, to);
      return E(invitation).terms();
    },

    pay: async (ticket, from) => {
      const { pays } = await E(ticket).terms();
      await E(from).transfer(await E(ticket).payee(), pays.amount);
      return E(ticket).settle();
    },
  };
  return makeDefaultExo('Clerk', clerk, clerkGuard);
};
