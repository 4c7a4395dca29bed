/**
 * Clients that transfer money in `examples/bank`, as many at once as is asked
 * for, and the books that they keep of it: what they asked, what they were told.
 * Whatever happens to the daemon meanwhile, these books and its own must agree.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DaemonError, RpcError } from '@ocap/nodejs/client';
import type { CapData } from '@ocap/kernel-utils';
import { openClient, withClient, type DaemonClient } from './daemon-client.ts';
import { repositoryRoot, type Home } from './home.ts';
import type { Random } from './random.ts';

const PURSES = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'];
/** So much that no transfer ever fails for want of money. */
const DEPOSIT = 1_000_000;
const CLIENTS = 4;
const TRANSFERS_AT_ONCE = 4;

export type Outcome =
  | Readonly<{ kind: 'answered'; data: CapData }>
  /** The daemon said so: this, too, is an answer that must not change. */
  | Readonly<{ kind: 'refused'; message: string }>;

const putOffCodes = ['INTERRUPTED', 'STORAGE_FULL', 'SHUTTING_DOWN'] as const;
/** A client that was put off asks for the next one after so long. */
const PUT_OFF_MS = 20;

/** No answer: nobody can tell yet whether it happens, or it does not, and may be asked for again. */
export type PutOff = Readonly<{
  kind: 'put off';
  code: (typeof putOffCodes)[number];
}>;

export type Transfer = {
  /** Also its request id. */
  readonly memo: string;
  /** Through the clerk's vat, or to the purse, which is in the mint's. */
  readonly route: 'clerk' | 'purse';
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  /** Absent as long as nobody has told. */
  outcome?: Outcome;
  /** How it was put off, if it was. */
  putOff?: PutOff['code'];
};

export type Load = Readonly<{
  /** No new transfers; resolves when each one under way has been told of or lost. */
  stop(): Promise<void>;
}>;

export type BankLoad = Readonly<{
  purses: readonly string[];
  /** The sum that there was at first and must be ever after. */
  total: number;
  /** Everything ever asked for. */
  transfers: readonly Transfer[];
  deposited: number;
  /** One more that may be asked for. */
  invent(route?: Transfer['route']): Transfer;
  /** Several clients at once, each with several transfers in flight. */
  begin(clients?: number): Load;
  /** Asks for this transfer, for the first time or again; notes what it came to. */
  ask(client: DaemonClient, transfer: Transfer): Promise<Outcome | PutOff>;
}>;

const putOffBy = ({ data }: RpcError): PutOff | undefined => {
  const code = putOffCodes.find(
    (each) => (data as { code?: unknown } | undefined)?.code === each,
  );
  return code && { kind: 'put off', code };
};

/** A loop may end with its daemon, that is what the load is for; but not otherwise. */
const insistLost = (reason: unknown): void => {
  const isLost =
    reason instanceof DaemonError &&
    ['CONNECTION_LOST', 'ENOENT', 'ECONNREFUSED', 'UNREACHABLE'].includes(
      reason.code,
    );
  if (!isLost) throw reason;
};

/**
 * Launches the bank under the name `bank`. Two hosts, so that one vat may lose
 * its process while its caller keeps its own.
 */
export const launchBank = async (client: DaemonClient): Promise<void> => {
  const source = (name: string): string =>
    join(repositoryRoot, 'examples/bank', `${name}.js`);
  const config = {
    bootstrap: 'clerk',
    vats: {
      mint: { sourceSpec: source('mint'), placement: 'own' },
      escrow: { sourceSpec: source('escrow') },
      clerk: { sourceSpec: source('clerk') },
    },
  };
  const launched = await client.rpc('launchSubcluster', { config });
  const { rootKref } = launched as { rootKref: string };
  await client.rpc('setName', ['bank', rootKref]);
};

/** Opens the purses, in a bank that was launched under the name `bank`. */
export const openBankLoad = async (
  home: Home,
  random: Random,
): Promise<BankLoad> => {
  const transfers: Transfer[] = [];
  await withClient(home, async (client) => {
    for (const name of PURSES) {
      const { slots } = await client.send('bank', 'openPurse', [name]);
      await client.rpc('setName', [name, slots[0] ?? '']);
      await client.call('bank', 'deposit', { '@ref': name }, DEPOSIT);
    }
  });

  const invent: BankLoad['invent'] = (
    route = random.pick(['clerk', 'purse'] as const),
  ) => {
    const from = random.pick(PURSES);
    const transfer: Transfer = {
      memo: `m${transfers.length + 1}`,
      route,
      from,
      to: random.pick(PURSES.filter((name) => name !== from)),
      amount: random.integer(1, 9),
    };
    transfers.push(transfer);
    return transfer;
  };

  const ask: BankLoad['ask'] = async (client, transfer) => {
    const { memo, route, from, to, amount } = transfer;
    const rest = [{ '@ref': to }, amount, memo];
    const outcome: Outcome | PutOff = await (
      route === 'purse'
        ? client.send(from, 'transfer', rest, memo)
        : client.send('bank', 'transfer', [{ '@ref': from }, ...rest], memo)
    ).then(
      (data) => ({ kind: 'answered', data }),
      (error: unknown) => {
        // Whatever else it is, it is no answer of the daemon.
        if (!(error instanceof RpcError)) throw error;
        return putOffBy(error) ?? { kind: 'refused', message: error.message };
      },
    );
    if (outcome.kind === 'put off') transfer.putOff = outcome.code;
    else transfer.outcome ??= outcome;
    return outcome;
  };

  const begin = (count = CLIENTS): Load => {
    let stopping = false;
    const clients = Array.from({ length: count }, () => openClient(home));
    const loops = clients.flatMap((client) =>
      Array.from({ length: TRANSFERS_AT_ONCE }, async () => {
        while (!stopping) {
          const { kind } = await ask(client, invent());
          if (kind === 'put off') await delay(PUT_OFF_MS);
        }
      }),
    );
    const ended = Promise.allSettled(loops);
    return {
      stop: async () => {
        stopping = true;
        const outcomes = await ended;
        for (const client of clients) client.close();
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') insistLost(outcome.reason);
        }
      },
    };
  };

  return {
    purses: PURSES,
    total: PURSES.length * DEPOSIT,
    deposited: DEPOSIT,
    transfers,
    invent,
    begin,
    ask,
  };
};
