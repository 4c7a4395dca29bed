/**
 * Vat hosts are killed again and again while clients move money. The daemon
 * goes on, every call is answered, and the bank's books and the clients' agree.
 * `OCAP_SEED` repeats a run, as far as two runs of several processes can be alike.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeBooks } from '../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type Transfer,
} from '../support/bank-load.ts';
import {
  startDaemonOf,
  withClient,
  type DaemonClient,
} from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';
import { insistIdleStore } from '../support/idle-store.ts';
import { gone, parentOf, sendSignal } from '../support/processes.ts';
import { drawSeed, makeRandom, type Random } from '../support/random.ts';

const KILLS = 10;
/** Between two kills, at least and at most. */
const LOAD_MS = [5, 300] as const;
/** So often the next kill follows at once, and may hit a vat that is starting. */
const TWICE_EVERY = 3;
const RECOVERY_MS = [0, 40] as const;

const seed = drawSeed();

type Status = Readonly<{
  hosts: readonly Readonly<{ pid: number; vats: number }>[];
}>;

/** Only a child of this very daemon, and a spare one as well as one with vats. */
const killOneHost = async (
  client: DaemonClient,
  { home, random }: Readonly<{ home: Home; random: Random }>,
): Promise<boolean> => {
  const { hosts } = (await client.rpc('getStatus')) as Status;
  if (hosts.length === 0) return false;
  const { pid, vats } = random.pick(hosts);
  const parent = parentOf(pid);
  // One that was killed a moment ago may still be in the report.
  if (parent === undefined) return false;
  if (parent !== home.daemonPid()) throw new Error(`${pid} is not ours`);
  sendSignal(pid, 'SIGKILL');
  await gone(pid);
  return vats > 0;
};

/**
 * How often a transfer may have been applied, by what its client was told. A
 * message over which two processes died is taken off the inbox and counts for
 * nothing; a clerk that lost its heap cannot tell what the mint has done.
 */
const possible = ({ route, outcome }: Transfer): readonly number[] => {
  if (outcome?.kind === 'answered') return [1];
  if (outcome?.message.includes('(DELIVERY_FAILED)') === true) return [0];
  const lost = outcome?.message.includes('(VAT_RESTARTED)') === true;
  return lost && route === 'clerk' ? [0, 1] : [];
};

it(
  `${KILLS} times kill -9 of a vat host lose and double nothing, and the daemon goes on (V-09, V-12; OCAP_SEED=${seed})`,
  { timeout: 600_000 },
  async () => {
    await withHome(async (home) => {
      // Somebody kills hosts here; it is no fault of the vats.
      const limits = { restartBudget: 1000, startAttempts: 1000 };
      writeFileSync(join(home.dir, 'config.json'), JSON.stringify({ limits }));
      const random = makeRandom(seed);
      const daemonPid = await startDaemonOf(home);
      await withClient(home, async (client) => {
        await launchBank(client);
        const bank = await openBankLoad(home, random);
        const books = makeBooks(bank);
        let hits = 0;
        for (let kill = 1; kill <= KILLS; kill += 1) {
          const load = bank.begin();
          await delay(random.integer(...LOAD_MS));
          if (await killOneHost(client, { home, random })) hits += 1;
          if (kill % TWICE_EVERY === 0) {
            await delay(random.integer(...RECOVERY_MS));
            await killOneHost(client, { home, random });
          }
          await load.stop();
          const report = await client.rpc('audit');
          expect(report).toStrictEqual({ ok: true, problems: [] });
        }
        expect(home.daemonPid()).toBe(daemonPid);
        expect(hits).toBeGreaterThan(0);

        await books.read(client);
        for (const transfer of bank.transfers) {
          const applied = books.applied(transfer);
          expect(possible(transfer), JSON.stringify(transfer)).toContain(
            applied,
          );
        }
        // Asked again by the same id, each gets the answer it got.
        for (const transfer of bank.transfers.slice(-200)) {
          const before = transfer.outcome;
          expect(await bank.ask(client, transfer)).toStrictEqual(before);
        }
        await books.read(client);
        expect(await books.problems(client)).toStrictEqual([]);
        await insistIdleStore(client);
      });
    });
  },
);
