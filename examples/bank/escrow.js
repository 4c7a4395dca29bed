/**
 * Lets two parties exchange money who trust only this vat. Each pays into a
 * purse that the escrow alone controls; once both have paid, both are paid
 * out; until then either may cancel, and everything goes back.
 *
 * Why nothing is lost or doubled: the phase of a trade changes once, in the
 * crank that also sends the payouts, and a crank happens as a whole or not at
 * all. What has been paid is not remembered here but asked of the mint, so a
 * restart at any moment is mended by calling `settle` or `cancel` again.
 */
import { E } from '@endo/eventual-send';
import { M } from '@endo/patterns';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';
import { provide } from './provide.js';

const sumShape = harden({ currency: M.string(), amount: M.number() });

const seatMethodGuards = {
  terms: M.call().returns(M.record()),
  phase: M.call().returns(M.string()),
  join: M.call(M.remotable('payee'), M.remotable('payee')).returns(M.promise()),
  payee: M.call().returns(M.promise()),
  settle: M.call().returns(M.promise()),
  cancel: M.call().returns(M.promise()),
};
const tradeGuards = {
  maker: M.interface('Trade maker', {
    ...seatMethodGuards,
    invitation: M.call().returns(M.remotable('invitation')),
  }),
  taker: M.interface('Trade taker', seatMethodGuards),
};

const escrowGuard = M.interface('Escrow', {
  start: M.call(M.remotable('issuer')).returns(M.undefined()),
  open: M.call(sumShape, sumShape).returns(M.promise()),
});

/** Sends back what is left in the escrow's purses: all of it after a cancel. */
const refund = async ({ maker, taker }) =>
  Promise.all(
    [maker, taker]
      .filter(({ refundTo }) => refundTo !== undefined)
      .map(async ({ purse, refundTo }) => E(purse).transferAll(refundTo)),
  );

const payOut = async ({ maker, taker }) =>
  Promise.all([
    E(maker.purse).transfer(taker.payoutTo, maker.pays.amount),
    E(taker.purse).transfer(maker.payoutTo, taker.pays.amount),
  ]);

/** Whether both have said where their money goes, and have paid in full. */
const isPaid = async ({ maker, taker }) => {
  if (!maker.payoutTo || !taker.payoutTo) return false;
  const [byMaker, byTaker] = await Promise.all([
    E(maker.purse).balance(),
    E(taker.purse).balance(),
  ]);
  return byMaker >= maker.pays.amount && byTaker >= taker.pays.amount;
};

const settle = async (state) => {
  // While we waited, the trade may have been cancelled: the phase decides.
  if ((await isPaid(state)) && state.phase === 'open') {
    state.phase = 'settled';
    await payOut(state);
  }
  // Whatever came twice or too late goes back.
  if (state.phase !== 'open') await refund(state);
  return state.phase;
};

const cancel = async (state) => {
  if (state.phase === 'open') state.phase = 'cancelled';
  await refund(state);
  return state.phase;
};

/** Checked with the issuer beforehand, a payout cannot fail later. */
const insistCurrency = async (issuer, payee, { currency }) => {
  const found = await E(issuer).currencyOf(payee);
  if (found !== currency) {
    throw Error(`${currency} is needed here, and this purse keeps ${found}`);
  }
};

const makeSeat = (getIssuer, mine, theirs) => ({
  terms: ({ state }) =>
    harden({ pays: state[mine].pays, gets: state[theirs].pays }),

  phase: ({ state }) => state.phase,

  /** Says where this party's gain goes, and its own money if nothing comes of it. */
  join: async ({ state }, payoutTo, refundTo) => {
    await insistCurrency(getIssuer(), payoutTo, state[theirs].pays);
    await insistCurrency(getIssuer(), refundTo, state[mine].pays);
    if (state.phase !== 'open') throw Error(`the trade is ${state.phase}`);
    state[mine] = harden({ ...state[mine], payoutTo, refundTo });
  },

  /** Where to pay. Not before `join`: money must have a way back. */
  payee: async ({ state }) => {
    if (!state[mine].refundTo) throw Error('join before you pay');
    if (state.phase !== 'open') throw Error(`the trade is ${state.phase}`);
    return E(state[mine].purse).payee();
  },

  settle: async ({ state }) => settle(state),
  cancel: async ({ state }) => cancel(state),
});

const insistSum = ({ currency, amount }) => {
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw Error(`${amount} ${currency} cannot be traded`);
  }
};

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  const getIssuer = () => baggage.get('issuer');

  const makeTrade = VatData.defineDurableKindMulti(
    provide(baggage, 'kind Trade', () => VatData.makeKindHandle('Trade')),
    (maker, taker) => ({ phase: 'open', maker, taker }),
    {
      maker: {
        ...makeSeat(getIssuer, 'maker', 'taker'),
        /** The other seat, for the maker to hand to whom it likes. */
        invitation: ({ facets }) => facets.taker,
      },
      taker: makeSeat(getIssuer, 'taker', 'maker'),
    },
    { interfaceGuardKit: tradeGuards },
  );

  const escrow = {
    start: (issuer) => {
      baggage.init('issuer', issuer);
    },

    /** Opens a trade and answers the maker's seat. */
    open: async (give, want) => {
      insistSum(give);
      insistSum(want);
      const [forMaker, forTaker] = await Promise.all([
        E(getIssuer()).makePurse('escrow', give.currency),
        E(getIssuer()).makePurse('escrow', want.currency),
      ]);
      return makeTrade(
        harden({ pays: give, purse: forMaker }),
        harden({ pays: want, purse: forTaker }),
      ).maker;
    },
  };
  return makeDefaultExo('Escrow', escrow, escrowGuard);
};
