/**
 * Check 2. One fixed scenario: the daemon starts, and a client moves money, once
 * in the mint itself and once through the clerk. It is killed at the first step
 * that leaves a trace outside of its memory (a statement of the database, bytes
 * through a pipe or a socket), then at the second, and so on until it gets
 * through. Each time the ledger rule must hold. What is between two such steps,
 * as the savepoint of a crank and its syscalls, is all in memory.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@ocap/kernel-utils';
import { makeBooks, type Books } from '../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type BankLoad,
} from '../support/bank-load.ts';
import { makeRandom } from '../support/random.ts';
import { settleTransfers } from '../support/settle-transfers.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const preload = fileURLToPath(
  new URL('./preloads/die-at-each-step.ts', import.meta.url),
);
/** More steps than there can be: then it goes round in circles. */
const MOST_STEPS = 1000;

type World = Readonly<{
  daemon: ScoreDaemon;
  bank: BankLoad;
  books: Books;
  /** Where the daemon writes its steps. */
  path: string;
}>;

export const check: Check = {
  number: 2,
  id: 'kill9-each-step',
  title: 'the daemon dies at the first step of a scenario, at the second, …',
  run: async ({ openDaemon, mode, seed, amount, note }) => {
    const daemon = await openDaemon({ preload });
    await launchBank(daemon.client);
    const bank = await openBankLoad(daemon.home, makeRandom(seed));
    const path = join(daemon.home.dir, 'steps');
    const world = { daemon, bank, books: makeBooks(bank), path };
    await act(world, 0);
    const points = stepsOf(world);
    note(points.map((name, at) => `\n  ${at + 1} ${name}`).join(''));
    const facts: Fact[] = [...(await settle(world, 'without a death', 0))];
    const every = amount(Math.ceil(points.length / 4), 1);
    let deaths = 0;
    let isThrough = false;
    for (let at = 1; !isThrough && at < MOST_STEPS; at += every) {
      const since = bank.transfers.length;
      await act(world, at);
      const name = stepsOf(world)[at - 1];
      isThrough = name === undefined;
      // One that is through would die over what it is asked next.
      await daemon.kill();
      const when = isThrough
        ? 'when all is done'
        : `death ${at}, ${String(name)}`;
      facts.push(...(await settle(world, when, since)));
      deaths += isThrough ? 0 : 1;
      if (deaths % 20 === 0) note(`${deaths} deaths`);
    }
    const problems = await world.books.problems(daemon.client);
    facts.push(
      {
        fact: 'there was a death at every step, until the scenario came to its end',
        holds: deaths > 0 && (isThrough || mode === 'quick'),
        found: `${deaths} deaths, ${points.length} steps`,
      },
      {
        fact: 'in the end, every purse has what the transfers make',
        holds: problems.length === 0,
        found: [...problems],
      },
    );
    const outcome = judge(facts, {
      value: `${points.length} points, ${deaths} deaths`,
      limit: 'the list of points is printed, and all hold the ledger rule',
    });
    return { details: [...points], ...outcome };
  },
};

/** The scenario, until the daemon dies at this step; 0 for never. */
const act = async (
  { daemon, bank, path }: World,
  at: number,
): Promise<void> => {
  await daemon.kill();
  rmSync(path, { force: true });
  const env = { SCORE_STEPS: path, SCORE_DIE_AT: String(at) };
  const failed = await daemon.start(env).then(() => undefined, messageOf);
  for (const route of ['purse', 'clerk'] as const) {
    const transfer = bank.invent(route);
    // Nobody is there to be asked.
    if (failed !== undefined) continue;
    const client = daemon.openClient();
    // Whoever is not answered asks again, after the next start.
    await bank.ask(client, transfer).catch(messageOf);
    client.close();
  }
};

const stepsOf = ({ path }: World): readonly string[] => {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split('\n').filter((name) => name !== '');
};

/** The daemon is started if it died; then the ledger rule. */
const settle = async (
  { daemon, bank, books }: World,
  when: string,
  since: number,
): Promise<readonly Fact[]> => {
  if (daemon.home.daemonPid() === undefined) await daemon.start();
  const { client } = daemon;
  const problems = await settleTransfers(client, { bank, books, since });
  const total = await client.call('bank', 'total');
  const audit = (await client.rpc('audit')) as { ok: boolean };
  return [
    {
      fact: `${when}: every transfer counts as its client was told`,
      holds: problems.length === 0,
      found: [...problems],
    },
    {
      fact: `${when}: the sum is what it was`,
      holds: total === bank.total,
      found: String(total),
    },
    {
      fact: `${when}: the audit is clean`,
      holds: audit.ok,
      found: JSON.stringify(audit),
    },
  ];
};

await runAlone(import.meta.url, check);
