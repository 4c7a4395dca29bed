/**
 * The books of the mint, all of them durable: who has how much, how much was
 * ever issued, and what was moved under which memo. Every function runs to its
 * end within one crank, so the books are never seen half written.
 */
import { provide } from './provide.js';

const insistAmount = (amount) => {
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw Error(`an amount is a whole number above 0, not ${amount}`);
  }
};

export const makeLedger = (baggage) => {
  const provideMap = (name) =>
    provide(baggage, name, () =>
      VatData.makeScalarBigMapStore(name, { durable: true }),
    );
  /** Account number → `{ owner, currency, balance }`. */
  const accounts = provideMap('accounts');
  /** Currency → how much of it there is. */
  const issued = provideMap('issued');
  /** Memo → how many transfers carried it. */
  const memos = provideMap('memos');
  /** Position → `{ memo, from, to, currency, amount }`, of transfers with a memo. */
  const journal = provideMap('journal');

  const read = (number) => accounts.get(number);

  const addTo = (number, amount) => {
    const account = read(number);
    accounts.set(
      number,
      harden({ ...account, balance: account.balance + amount }),
    );
  };

  const record = (memo, entry) => {
    if (memo === undefined) return;
    if (memos.has(memo)) memos.set(memo, memos.get(memo) + 1);
    else memos.init(memo, 1);
    journal.init(journal.getSize() + 1, harden({ memo, ...entry }));
  };

  return harden({
    read,

    /** Opens an empty account and answers its number. */
    open: (owner, currency) => {
      const number = accounts.getSize() + 1;
      accounts.init(number, harden({ owner, currency, balance: 0 }));
      return number;
    },

    /** Makes money out of nothing: the right to do this is the mint itself. */
    issue: (number, amount, memo) => {
      insistAmount(amount);
      const { currency, owner } = read(number);
      const before = issued.has(currency) ? issued.get(currency) : 0;
      // No balance is above this sum, so where it is exact, all of them are.
      if (!Number.isSafeInteger(before + amount)) {
        throw Error(`there cannot be ${amount} ${currency} more`);
      }
      if (issued.has(currency)) issued.set(currency, before + amount);
      else issued.init(currency, amount);
      addTo(number, amount);
      record(memo, { from: 'mint', to: owner, currency, amount });
      return read(number).balance;
    },

    /** Moves money, or throws and moves none; answers what is left at `from`. */
    move: (from, to, amount, memo) => {
      insistAmount(amount);
      const source = read(from);
      const target = read(to);
      const { currency } = source;
      if (target.currency !== currency) {
        throw Error(`${currency} cannot go where ${target.currency} is kept`);
      }
      if (source.balance < amount) {
        throw Error(
          `${source.owner} has ${source.balance} ${currency}, not ${amount}`,
        );
      }
      addTo(from, -amount);
      addTo(to, amount);
      record(memo, { from: source.owner, to: target.owner, currency, amount });
      return read(from).balance;
    },

    /** The sum over all accounts; moving money does not change it. */
    total: (currency) => {
      let sum = 0;
      for (const account of accounts.values()) {
        if (account.currency === currency) sum += account.balance;
      }
      return sum;
    },

    applied: (memo) => (memos.has(memo) ? memos.get(memo) : 0),

    journal: (after, limit) => {
      const entries = [];
      const last = Math.min(journal.getSize(), after + limit);
      for (let position = after + 1; position <= last; position += 1) {
        entries.push({ position, ...journal.get(position) });
      }
      return harden(entries);
    },
  });
};
