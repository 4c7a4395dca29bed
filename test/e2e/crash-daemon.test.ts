/**
 * The daemon is killed again and again while clients move money, and each time
 * the bank's books and the clients' must agree. `OCAP_SEED` repeats a run, as
 * far as two runs of several processes can be alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeBooks } from '../support/bank-books.ts';
import {
  openBankLoad,
  type BankLoad,
  type Transfer,
} from '../support/bank-load.ts';
import {
  startDaemonOf,
  withClient,
  type DaemonClient,
} from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';
import { insistIdleStore } from '../support/idle-store.ts';
import { gone } from '../support/processes.ts';
import { drawSeed, makeRandom } from '../support/random.ts';
import { settleTransfers } from '../support/settle-transfers.ts';

const KILLS = 10;
/** After so many ms of load, at least and at most. */
const LOAD_MS = [5, 350] as const;
/** So often the load begins at once, and the next kill may hit the recovery. */
const UNCHECKED_EVERY = 4;

const seed = drawSeed();

type Status = Readonly<{ hosts: readonly Readonly<{ pid: number }>[] }>;

/** Ends the daemon by the pid file of its home, and sees its hosts go with it. */
const killUnderLoad = async (
  home: Home,
  bank: BankLoad,
  afterMs: number,
): Promise<void> => {
  const { hosts } = await withClient(
    home,
    async (client) => (await client.rpc('getStatus')) as Status,
  );
  const load = bank.begin();
  await delay(afterMs);
  await home.killDaemon('SIGKILL');
  await load.stop();
  for (const { pid } of hosts) await gone(pid);
};

const insistCleanAudit = async (client: DaemonClient): Promise<void> =>
  expect(await client.rpc('audit')).toStrictEqual({ ok: true, problems: [] });

/** The same id again: the recorded answer, and nothing else happens. */
const insistRecorded = async (
  client: DaemonClient,
  bank: BankLoad,
  transfers: readonly Transfer[],
): Promise<void> => {
  for (const transfer of transfers) {
    const before = transfer.outcome;
    expect(await bank.ask(client, transfer)).toStrictEqual(before);
  }
};

it(
  `${KILLS} times kill -9 of the daemon lose and double nothing (P-07, V-09, V-12; OCAP_SEED=${seed})`,
  { timeout: 600_000 },
  async () => {
    await withHome(async (home) => {
      const random = makeRandom(seed);
      await startDaemonOf(home);
      await home.json(['launch', 'examples/bank']);
      const bank = await openBankLoad(home, random);
      const books = makeBooks(bank);
      let since = 0;
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await killUnderLoad(home, bank, random.integer(...LOAD_MS));
        await withClient(home, async (client) => {
          await insistCleanAudit(client);
          if (kill % UNCHECKED_EVERY === 0 && kill < KILLS) return;
          expect(
            await settleTransfers(client, { bank, books, since }),
          ).toStrictEqual([]);
          since = bank.transfers.length;
        });
      }
      await withClient(home, async (client) => {
        await insistRecorded(client, bank, bank.transfers.slice(-200));
        await books.read(client);
        for (const transfer of bank.transfers) {
          expect({ transfer, applied: books.applied(transfer) }).toMatchObject({
            applied: 1,
          });
        }
        expect(await books.problems(client)).toStrictEqual([]);
        await insistIdleStore(client);
      });
      // Else the kills have hit nothing.
      expect(bank.transfers.length).toBeGreaterThan(KILLS);
    });
  },
);
