/**
 * Compares the bank's own books with those of its clients. The journal is read
 * from where it was read last, so checking often stays cheap.
 */
import { expect } from 'vitest';
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
  /** All that was read is what some client asked for, and every purse has what follows from it. */
  insistBalanced(client: DaemonClient): Promise<void>;
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

  const insistBalanced = async (client: DaemonClient): Promise<void> => {
    const asked = new Map(bank.transfers.map((each) => [each.memo, each]));
    const expected = new Map(bank.purses.map((name) => [name, bank.deposited]));
    // The owner of a purse has its name: see `openBankLoad`.
    for (const { memo, from, to, amount } of entries) {
      expect(asked.get(memo)).toMatchObject({ memo, from, to, amount });
      expected.set(from, (expected.get(from) ?? 0) - amount);
      expected.set(to, (expected.get(to) ?? 0) + amount);
    }
    const found = await Promise.all(
      bank.purses.map(async (name) => [
        name,
        await client.call(name, 'balance'),
      ]),
    );
    expect(found).toStrictEqual([...expected]);
    expect(await client.call('bank', 'total')).toBe(bank.total);
  };

  return {
    read,
    applied: ({ memo }) => counts.get(memo) ?? 0,
    insistBalanced,
  };
};
