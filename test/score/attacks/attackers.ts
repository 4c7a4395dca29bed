/** The process of the attackers, and what it tells of each attack. */
import { fork } from 'node:child_process';
import type { Account, Order } from './attack-process.ts';

export type Attackers = Readonly<{
  /** Rejects if the process has ended. */
  play(order: Omit<Order, 'id'>): Promise<Account>;
  close(): void;
}>;

const entry = new URL('./attack-process.ts', import.meta.url);

export const startAttackers = (): Attackers => {
  const child = fork(entry, []);
  const waiting = new Map<number, (account: Account) => void>();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  let orders = 0;
  child.on('message', (account: Account) => {
    waiting.get(account.id)?.(account);
    waiting.delete(account.id);
  });
  child.on('exit', () => ended.reject(Error('the attackers have ended')));
  return {
    play: async (order) => {
      const told = Promise.withResolvers<Account>();
      orders += 1;
      waiting.set(orders, told.resolve);
      child.send({ id: orders, ...order } satisfies Order);
      return Promise.race([told.promise, ended.promise]);
    },
    close: () => void child.kill('SIGKILL'),
  };
};
