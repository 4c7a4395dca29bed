/**
 * Check 12. While clients move money in the bank of `examples/bank`, its home is
 * backed up again and again. Each backup is restored into another home, whose
 * daemon must have every transfer that was answered before the backup began,
 * none twice, and the sum that there always was.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { backUpState, restoreState } from '@ocap/nodejs/client';
import { makeBooks } from '../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type BankLoad,
  type Transfer,
} from '../support/bank-load.ts';
import { makeRandom } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

/** After so many ms of load, at least and at most. */
const LOAD_MS = [20, 400] as const;

export const check: Check = {
  number: 12,
  id: 'backup-under-load',
  title: 'a home is backed up under load, and each backup restored elsewhere',
  run: async ({ openDaemon, seed, amount, note }) => {
    const random = makeRandom(seed);
    const daemon = await openDaemon();
    const other = await openDaemon();
    await launchBank(daemon.client);
    const bank = await openBankLoad(daemon.home, random);
    const backups = amount(2, 20);
    const facts: Fact[] = [];
    let answered: readonly Transfer[] = [];
    for (let number = 1; number <= backups; number += 1) {
      const load = bank.begin();
      await delay(random.integer(...LOAD_MS));
      const file = join(daemon.home.dir, `backup-${number}.sqlite`);
      answered = bank.transfers.filter(isAnswered);
      await backUpState({ home: daemon.home.dir, file });
      await load.stop();
      await restoreInto(other, file);
      facts.push(...(await look(other, { bank, answered, number })));
      rmSync(file);
      note(`${number} backups, ${bank.transfers.length} transfers`);
    }
    facts.push({
      // Else the backups were of nothing.
      fact: 'many transfers were answered before the last backup',
      holds: answered.length > backups,
    });
    return judge(facts, {
      value: `${backups} backups, ${answered.length} transfers before the last`,
      limit: 'audit clean, sum constant, everything answered before is there',
    });
  },
};

const isAnswered = ({ outcome }: Transfer): boolean =>
  outcome?.kind === 'answered';

const restoreInto = async (
  daemon: ScoreDaemon,
  file: string,
): Promise<void> => {
  await daemon.stop();
  const { replaced } = await restoreState({
    home: daemon.home.dir,
    file,
    force: true,
  });
  rmSync(replaced ?? '', { force: true });
  await daemon.start();
};

const look = async (
  { client }: ScoreDaemon,
  {
    bank,
    answered,
    number,
  }: Readonly<{
    bank: BankLoad;
    answered: readonly Transfer[];
    number: number;
  }>,
): Promise<readonly Fact[]> => {
  const books = makeBooks(bank);
  await books.read(client);
  const memos = (wrong: readonly Transfer[]): string[] =>
    wrong.map(({ memo }) => memo);
  const lost = answered.filter((transfer) => books.applied(transfer) !== 1);
  const twice = bank.transfers.filter(
    (transfer) => books.applied(transfer) > 1,
  );
  const total = await client.call('bank', 'total');
  const audit = await client.rpc('audit');
  const problems = await books.problems(client);
  return [
    {
      fact: `backup ${number} has every transfer that was answered before, once`,
      holds: lost.length === 0,
      found: memos(lost),
    },
    {
      fact: `backup ${number} has no transfer twice`,
      holds: twice.length === 0,
      found: memos(twice),
    },
    {
      fact: `backup ${number} has the sum that there was`,
      holds: total === bank.total,
      found: String(total),
    },
    {
      fact: `backup ${number} has in every purse what its journal makes`,
      holds: problems.length === 0,
      found: [...problems],
    },
    {
      fact: `the audit of backup ${number} is clean`,
      holds: (audit as { ok: boolean }).ok,
      found: JSON.stringify(audit),
    },
  ];
};

await runAlone(import.meta.url, check);
