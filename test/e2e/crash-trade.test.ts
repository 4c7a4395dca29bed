/**
 * Parties trade through the escrow of `examples/bank` while the daemon is killed
 * again and again. Each asks again until it is answered, as a careful client
 * would; in the end each trade has happened, once, and no money came or went.
 * `OCAP_SEED` repeats a run, as far as two runs of several processes can be alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DaemonError, RpcError } from '@ocap/nodejs/client';
import { decodedToJson, decodeSmallcaps, type Json } from '@ocap/kernel-utils';
import { expect, it } from 'vitest';
import {
  openClient,
  startDaemonOf,
  withClient,
  type DaemonClient,
} from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';
import { insistIdleStore } from '../support/idle-store.ts';
import { drawSeed, makeRandom, type Random } from '../support/random.ts';

const PAIRS = 4;
const KILLS = 6;
const BETWEEN_KILLS_MS = [60, 500] as const;
/** More than anybody can spend in the time. */
const DEPOSIT = 1_000_000;

const seed = drawSeed();

type Answer = Readonly<{ value: unknown; ref: string | undefined }>;
type Party = Readonly<{
  /** Asks until it is answered. A call whose vat was restarted is asked anew, under a new id. */
  ask(
    target: string | undefined,
    method: string,
    ...args: Json[]
  ): Promise<Answer>;
}>;

const isTransient = (error: unknown): boolean =>
  error instanceof DaemonError ||
  (error instanceof RpcError &&
    /\((?:VAT_RESTARTED|DELIVERY_FAILED|INTERRUPTED)\)|shutting down/u.test(
      error.message,
    ));

const makeParty = (home: Home, name: string): Party => {
  let calls = 0;
  const askOnce = async (
    id: string,
    [target, method, args]: readonly [string, string, readonly Json[]],
  ): Promise<Answer> => {
    await startDaemonOf(home);
    const client = openClient(home);
    try {
      const data = await client.send(target, method, args, id);
      const value = decodedToJson(decodeSmallcaps(data));
      return { value, ref: data.slots[0] };
    } finally {
      client.close();
    }
  };
  return {
    ask: async (target, method, ...args) => {
      for (;;) {
        calls += 1;
        const id = `${name}-${calls}`;
        for (;;) {
          try {
            return await askOnce(id, [target ?? '', method, args]);
          } catch (error) {
            if (!isTransient(error)) throw error;
            // What was answered, if only with a failure, is recorded under its id.
            if (error instanceof RpcError) break;
          }
        }
      }
    },
  };
};

/** The object as an argument. */
const at = (ref: string | undefined): Json => ({ '@ref': ref ?? '' });

type Purses = Readonly<{
  coins: string;
  silver: string;
  /** Where each party's gain goes. */
  coinsGained: string;
  silverGained: string;
}>;

const openPurses = async (client: DaemonClient): Promise<Purses> => {
  const open = async (currency: string, amount: number): Promise<string> => {
    const { slots } = await client.send('bank', 'openPurse', ['it', currency]);
    const [purse = ''] = slots;
    if (amount > 0) await client.call('bank', 'deposit', at(purse), amount);
    return purse;
  };
  return {
    coins: await open('coins', DEPOSIT),
    silver: await open('silver', DEPOSIT),
    coinsGained: await open('coins', 0),
    silverGained: await open('silver', 0),
  };
};

/** 20 coins for 10 silver. */
const trade = async (
  { ask }: Party,
  { coins, silver, coinsGained, silverGained }: Purses,
): Promise<void> => {
  const ticket = await ask(
    'bank',
    'trade',
    ...[at(coins), 20, at(silverGained), 10],
  );
  const invitation = await ask(ticket.ref, 'invitation');
  const seat = at(invitation.ref);
  await ask('bank', 'accept', seat, at(silver), at(coinsGained));
  await pay(ask, at(ticket.ref), at(coins));
  await pay(ask, seat, at(silver));
  // What was paid twice comes back.
  for (const { ref } of [ticket, invitation]) {
    expect((await ask(ref, 'settle')).value).toBe('settled');
  }
};

/** Asked again after all had gone well, it is told that there is nothing left to pay. */
const pay = async (
  ask: Party['ask'],
  seat: Json,
  from: Json,
): Promise<void> => {
  await ask('bank', 'pay', seat, from).catch((error: unknown) => {
    if (!String(error).includes('the trade is settled')) throw error;
  });
};

const harass = async (home: Home, random: Random): Promise<void> => {
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await delay(random.integer(...BETWEEN_KILLS_MS));
    await home.killDaemon();
  }
};

it(
  `trades amid ${KILLS} times kill -9 happen once each (V-12; OCAP_SEED=${seed})`,
  { timeout: 300_000 },
  async () => {
    await withHome(async (home) => {
      const random = makeRandom(seed);
      await home.json(['launch', 'examples/bank']);
      const all: Purses[] = [];
      await withClient(home, async (client) => {
        for (let each = 0; each < PAIRS; each += 1) {
          all.push(await openPurses(client));
        }
      });
      let harassed = false;
      const harassing = harass(home, random).finally(() => {
        harassed = true;
      });
      const trading = all.map(async (purses, pair) => {
        let trades = 0;
        while (!harassed) {
          await trade(makeParty(home, `${pair}-${trades}`), purses);
          trades += 1;
        }
        return trades;
      });
      // All settled, so that nobody starts the daemon again when the home is closed.
      const outcomes = await Promise.allSettled(trading);
      await harassing;
      expect(outcomes.map(({ status }) => status)).toStrictEqual(
        all.map(() => 'fulfilled'),
      );
      const counts = await Promise.all(trading);
      await withClient(home, async (client) => {
        for (const [pair, purses] of all.entries()) {
          const { coins, silver, coinsGained, silverGained } = purses;
          const found = [];
          for (const ref of [coins, silver, coinsGained, silverGained]) {
            found.push(await client.call(ref, 'balance'));
          }
          const n = counts[pair] ?? 0;
          expect(found).toStrictEqual([
            DEPOSIT - 20 * n,
            DEPOSIT - 10 * n,
            20 * n,
            10 * n,
          ]);
        }
        for (const currency of ['coins', 'silver']) {
          const total = await client.call('bank', 'total', currency);
          expect(total).toBe(PAIRS * DEPOSIT);
        }
        await insistIdleStore(client);
      });
    });
  },
);
