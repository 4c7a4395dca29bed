/**
 * What a ledger owes its clients after a daemon was killed: what was answered
 * has happened once, what was not at most once, and once after it was asked for
 * again under the same id.
 */
import type { Books } from './bank-books.ts';
import type { BankLoad } from './bank-load.ts';
import type { DaemonClient } from './daemon-client.ts';

/** Sentences about the transfers from `since` on; none if all is as it should be. */
export const settleTransfers = async (
  client: DaemonClient,
  {
    bank,
    books,
    since,
  }: Readonly<{ bank: BankLoad; books: Books; since: number }>,
): Promise<readonly string[]> => {
  const problems: string[] = [];
  const recent = bank.transfers.slice(since);
  const untold = recent.filter(({ outcome }) => outcome === undefined);
  await books.read(client);
  for (const transfer of recent) {
    const applied = books.applied(transfer);
    const isWrong =
      transfer.outcome === undefined ? applied > 1 : applied !== 1;
    if (isWrong) {
      problems.push(`${JSON.stringify(transfer)} is applied ${applied} times`);
    }
  }
  const retried = await Promise.all(
    untold.map(async (transfer) => bank.ask(client, transfer)),
  );
  await books.read(client);
  untold.forEach((transfer, at) => {
    const applied = books.applied(transfer);
    if (applied !== 1) {
      problems.push(
        `${JSON.stringify(transfer)} is applied ${applied} times after it was asked for again`,
      );
    }
    const outcome = retried[at];
    if (outcome?.kind === 'put off') {
      problems.push(`${transfer.memo}, asked again: ${outcome.code}`);
    }
    // The clerk only passes on what the mint answers. If its heap was lost in
    // between, it did pass on the money, and cannot answer any more.
    const mayBeRefused =
      transfer.route === 'clerk' &&
      outcome?.kind === 'refused' &&
      outcome.message.includes('(VAT_RESTARTED)');
    if (outcome?.kind === 'refused' && !mayBeRefused) {
      problems.push(`${transfer.memo}, asked again: ${outcome.message}`);
    }
  });
  return problems;
};
