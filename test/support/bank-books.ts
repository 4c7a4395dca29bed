/**
 * Compares the bank's own books with those of its clients. The journal is read
 * from where it was read last, so checking often stays cheap.
 */
import type { BankLoad, Transfer } from './bank-load.ts';
import type { DaemonClient } from './daemon-client.ts';

type Entry = Readonly<{
  position: number;
  memo: string;
  from: string;
  to: string;
  currency: string;
  amount: number;
}>;

export type Books = Readonly<{
  /** Reads on to the end of the bank's journal. */
  read(client: DaemonClient): Promise<void>;
  /** How often a transfer was applied, as far as was read. */
  applied(transfer: Transfer): number;
  /**
   * Sentences, if something that was read is not what some client asked for, or
   * a purse has not what follows from it.
   */
  problems(client: DaemonClient): Promise<readonly string[]>;
}>;

const PAGE = 500;

export const makeBooks = (bank: BankLoad): Books => {
  const entries: Entry[] = [];
  const counts = new Map<string, number>();

  const read = async (client: DaemonClient): Promise<void> => {
    for (;;) {
      const after = entries.length;
      const page = (await client.call(
        'bank',
        'journal',
        after,
        PAGE,
      )) as readonly Entry[];
      for (const entry of page) {
        entries.push(entry);
        counts.set(entry.memo, (counts.get(entry.memo) ?? 0) + 1);
      }
      if (page.length < PAGE) return;
    }
  };

  const problems: Books['problems'] = async (client) => {
    const found: string[] = [];
    const asked = new Map(bank.transfers.map((each) => [each.memo, each]));
    const expected = new Map(bank.purses.map((name) => [name, bank.deposited]));
    // The owner of a purse has its name: see `openBankLoad`.
    for (const entry of entries) {
      const { memo, from, to, amount } = entry;
      const transfer = asked.get(memo);
      const isAsked =
        transfer?.from === from &&
        transfer.to === to &&
        transfer.amount === amount;
      if (!isAsked) found.push(`nobody asked for ${JSON.stringify(entry)}`);
      expected.set(from, (expected.get(from) ?? 0) - amount);
      expected.set(to, (expected.get(to) ?? 0) + amount);
    }
    for (const [name, amount] of expected) {
      const balance = await client.call(name, 'balance');
      if (balance !== amount) {
        found.push(`${name} has ${String(balance)} and not ${amount}`);
      }
    }
    const total = await client.call('bank', 'total');
    if (total !== bank.total) {
      found.push(`there are ${String(total)} and not ${bank.total}`);
    }
    return found;
  };

  return {
    read,
    applied: ({ memo }) => counts.get(memo) ?? 0,
    problems,
  };
};
