/** examples/bank: money is neither lost nor doubled, and trades need no trust. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHome, withHome, type Home } from '../support/home.ts';

/** Opens a purse under the name given, with money in it. */
const openPurse = async (
  home: Home,
  {
    name,
    currency,
    amount,
  }: { name: string; currency: string; amount: number },
): Promise<void> => {
  await home.call('bank', 'openPurse', name, currency, '--as', name);
  if (amount > 0) await home.call('bank', 'deposit', `@${name}`, amount);
};

const withBank = async (use: (home: Home) => Promise<void>): Promise<void> =>
  withHome(async (home) => {
    await home.json(['launch', 'examples/bank']);
    await use(home);
  });

const balances = async (
  home: Home,
  ...names: string[]
): Promise<readonly unknown[]> => {
  const found: unknown[] = [];
  for (const name of names) {
    found.push(await home.call('bank', 'balance', `@${name}`));
  }
  return found;
};

describe('purses', () => {
  it('keep their money over kill -9, and the sum is what was deposited', async () => {
    await withBank(async (home) => {
      await openPurse(home, { name: 'alice', currency: 'coins', amount: 100 });
      await openPurse(home, { name: 'bob', currency: 'coins', amount: 0 });
      const left = await home.call(
        'bank',
        'transfer',
        '@alice',
        '@bob',
        30,
        'rent',
      );
      expect(left).toBe(70);

      await home.killDaemon();

      expect(await balances(home, 'alice', 'bob')).toEqual([70, 30]);
      expect(await home.call('bank', 'total')).toBe(100);
      expect(await home.call('bank', 'applied', 'rent')).toBe(1);
      expect(await home.call('bank', 'journal')).toEqual([
        {
          position: 1,
          memo: 'rent',
          from: 'alice',
          to: 'bob',
          currency: 'coins',
          amount: 30,
        },
      ]);
    });
  });
});

describe('purses of which too much is asked', () => {
  let home: Home;
  beforeAll(async () => {
    home = await openHome();
    await home.json(['launch', 'examples/bank']);
    await openPurse(home, { name: 'alice', currency: 'coins', amount: 100 });
    await openPurse(home, { name: 'bob', currency: 'coins', amount: 0 });
    await openPurse(home, { name: 'silver', currency: 'silver', amount: 0 });
  });
  afterAll(async () => home.close());

  it.each([
    [
      'more than there is',
      ['transfer', '@alice', '@bob', '101'],
      'has 100 coins',
    ],
    [
      'less than nothing',
      ['transfer', '@alice', '@bob', '--', '-1'],
      'whole number',
    ],
    ['half a coin', ['transfer', '@alice', '@bob', '0.5'], 'whole number'],
    [
      'to what is no purse',
      ['transfer', '@alice', '@bank', '1'],
      'no purse of this mint',
    ],
    ['from what is no reference', ['transfer', 'alice', '@bob', '1'], 'purse'],
    [
      'more than can be counted',
      ['deposit', '@alice', '9007199254740991'],
      'more',
    ],
    ['to another currency', ['transfer', '@alice', '@silver', '1'], 'silver'],
  ])('move nothing if asked to move %s', async (_what, words, message) => {
    const refused = await home.ocap(['call', 'bank', ...words]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(message);
    expect(await balances(home, 'alice', 'bob')).toEqual([100, 0]);
  });
});

describe('a trade through the escrow', () => {
  /** Alice offers 20 coins for 10 silver; Bob has accepted. Nobody has paid. */
  const withTrade = async (
    use: (home: Home, all: () => Promise<readonly unknown[]>) => Promise<void>,
  ): Promise<void> =>
    withBank(async (home) => {
      await openPurse(home, { name: 'alice', currency: 'coins', amount: 100 });
      await openPurse(home, {
        name: 'alice-silver',
        currency: 'silver',
        amount: 0,
      });
      await openPurse(home, { name: 'bob', currency: 'coins', amount: 0 });
      await openPurse(home, {
        name: 'bob-silver',
        currency: 'silver',
        amount: 50,
      });
      await home.call(
        'bank',
        'trade',
        '@alice',
        20,
        '@alice-silver',
        10,
        '--as',
        'ticket',
      );
      await home.call('ticket', 'invitation', '--as', 'invitation');
      await home.call('bank', 'accept', '@invitation', '@bob-silver', '@bob');
      await use(home, async () =>
        balances(home, 'alice', 'alice-silver', 'bob', 'bob-silver'),
      );
    });

  it('swaps once both have paid, with a kill -9 between the payments', async () => {
    await withTrade(async (home, all) => {
      expect(await home.call('bank', 'pay', '@ticket', '@alice')).toBe('open');
      expect(await all()).toEqual([80, 0, 0, 50]);

      await home.killDaemon();

      const phase = await home.call(
        'bank',
        'pay',
        '@invitation',
        '@bob-silver',
      );
      expect(phase).toBe('settled');
      expect(await all()).toEqual([80, 10, 20, 40]);
      expect(await home.call('ticket', 'cancel')).toBe('settled');
      expect(await all()).toEqual([80, 10, 20, 40]);
      expect(await home.call('bank', 'total')).toBe(100);
      expect(await home.call('bank', 'total', 'silver')).toBe(50);
    });
  });

  it.each(['ticket', 'invitation'])(
    'gives everything back if the %s is cancelled before both have paid',
    async (seat) => {
      await withTrade(async (home, all) => {
        await home.call('bank', 'pay', '@ticket', '@alice');
        expect(await home.call(seat, 'cancel')).toBe('cancelled');
        expect(await all()).toEqual([100, 0, 0, 50]);
        const late = await home.ocap([
          'call',
          'bank',
          'pay',
          '@invitation',
          '@bob-silver',
        ]);
        expect(late.code).not.toBe(0);
        expect(late.stderr).toContain('the trade is cancelled');
        expect(await all()).toEqual([100, 0, 0, 50]);
      });
    },
  );
});
