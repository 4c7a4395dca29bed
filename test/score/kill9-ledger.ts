/**
 * Check 1. Eight clients move money in the bank of `examples/bank`, whose vats
 * (clerk, mint and escrow) are in two processes, while the daemon is killed at
 * random points. After each restart the books of the bank and those of the
 * clients are compared, and the clients ask again for what was not answered.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { makeBooks, type Books } from '../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type BankLoad,
  type Transfer,
} from '../support/bank-load.ts';
import type { DaemonClient } from '../support/daemon-client.ts';
import { makeRandom } from '../support/random.ts';
import { settleTransfers } from '../support/settle-transfers.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { percentile } from './tools/percentile.ts';
import { runAlone } from './tools/run-alone.ts';

const CLIENTS = 8;
/** After so many ms of load, at least and at most. */
const LOAD_MS = [5, 250] as const;
/** So often the load begins at once, and the next kill may hit the recovery. */
const UNCHECKED_EVERY = 4;
const READY_MS = 2000;
/** Of the newest transfers, so many are asked for once more at the end. */
const ASKED_AGAIN = 200;

export const check: Check = {
  number: 1,
  id: 'kill9-ledger',
  title: 'clients move money while the daemon is killed at random points',
  run: async ({ openDaemon, seed, amount, note }) => {
    const random = makeRandom(seed);
    const daemon = await openDaemon();
    const { client, home } = daemon;
    await launchBank(client);
    const bank = await openBankLoad(home, random);
    const books = makeBooks(bank);
    const kills = amount(8, 200);
    const readyMs: number[] = [];
    const facts: Fact[] = [];
    let since = 0;
    for (let kill = 1; kill <= kills; kill += 1) {
      const load = bank.begin(CLIENTS);
      await delay(random.integer(...LOAD_MS));
      await daemon.kill();
      await load.stop();
      const begun = performance.now();
      await daemon.start();
      readyMs.push(performance.now() - begun);
      if (kill % UNCHECKED_EVERY === 0 && kill < kills) continue;
      facts.push(...(await look(client, { bank, books, since, kill })));
      since = bank.transfers.length;
      if (kill % 20 < 2) note(`${kill} kills, ${since} transfers`);
    }
    facts.push(...(await atTheEnd(client, bank, books)));
    const p95 = percentile(readyMs, 95);
    facts.push({
      fact: `the p95 of a start is below ${READY_MS} ms`,
      holds: p95 < READY_MS,
      found: `${p95.toFixed(0)} ms`,
    });
    return judge(facts, {
      value: `${kills} kills, ${bank.transfers.length} transfers, ready p95 ${p95.toFixed(0)} ms`,
      limit:
        'sum constant, answered once, unanswered at most once and once after the retry, ready p95 < 2 s',
    });
  },
};

const holdsNone = (fact: string, problems: readonly string[]): Fact => ({
  fact,
  holds: problems.length === 0,
  found: [...problems],
});

/** After a restart: the sum is there, and what was under way counts once. */
const look = async (
  client: DaemonClient,
  {
    bank,
    books,
    since,
    kill,
  }: Readonly<{ bank: BankLoad; books: Books; since: number; kill: number }>,
): Promise<readonly Fact[]> => {
  const total = await client.call('bank', 'total');
  const settled = { bank, books, since };
  return [
    {
      fact: `after kill ${kill}, the sum is what it was`,
      holds: total === bank.total,
      found: String(total),
    },
    holdsNone(
      `after kill ${kill}, every transfer counts as its client was told`,
      await settleTransfers(client, settled),
    ),
  ];
};

const atTheEnd = async (
  client: DaemonClient,
  bank: BankLoad,
  books: Books,
): Promise<readonly Fact[]> => {
  const again: string[] = [];
  for (const transfer of bank.transfers.slice(-ASKED_AGAIN)) {
    const before = JSON.stringify(transfer.outcome);
    const now = JSON.stringify(await bank.ask(client, transfer));
    if (now !== before) again.push(`${before} became ${now}`);
  }
  await books.read(client);
  const isAnswered = ({ outcome }: Transfer): boolean =>
    outcome?.kind === 'answered';
  return [
    holdsNone('an id that is asked for again has the same answer', again),
    holdsNone(
      'in the end, every transfer was applied once',
      bank.transfers
        .filter((transfer) => books.applied(transfer) !== 1)
        .map(({ memo }) => memo),
    ),
    holdsNone(
      'in the end, every purse has what the transfers make',
      await books.problems(client),
    ),
    {
      // Else the kills have hit nothing.
      fact: 'many transfers were answered',
      holds: bank.transfers.filter(isAnswered).length > CLIENTS,
    },
  ];
};

await runAlone(import.meta.url, check);
