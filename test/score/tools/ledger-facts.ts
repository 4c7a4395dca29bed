/** Whether the bank's books and what its clients were told agree, where calls were refused for want of room. */
import type { Books } from '../../support/bank-books.ts';
import type { BankLoad } from '../../support/bank-load.ts';
import { settleTransfers } from '../../support/settle-transfers.ts';
import type { Fact } from './facts.ts';
import type { ScoreDaemon } from './score-daemon.ts';

type Ledger = Readonly<{ daemon: ScoreDaemon; bank: BankLoad; books: Books }>;

/** Of the transfers from the one with the number `since` on. */
export const ledgerFacts = async (
  { daemon: { client }, bank, books }: Ledger,
  since: number,
): Promise<readonly Fact[]> => {
  await books.read(client);
  const done = bank.transfers
    .slice(since)
    .filter((each) => each.putOff === 'STORAGE_FULL' && books.applied(each) > 0)
    .map(({ memo }) => memo);
  const settled = await settleTransfers(client, { bank, books, since });
  const problems = await books.problems(client);
  const audit = (await client.rpc('audit')) as { ok: boolean };
  return [
    {
      fact: 'nothing was done of what was refused',
      holds: done.length === 0,
      found: done,
    },
    {
      fact: 'every transfer counts as its client was told',
      holds: settled.length === 0,
      found: [...settled],
    },
    {
      fact: 'every purse has what the transfers make, and the sum is what it was',
      holds: problems.length === 0,
      found: [...problems],
    },
    {
      fact: 'the audit is clean',
      holds: audit.ok,
      found: JSON.stringify(audit),
    },
  ];
};
