/** Whose turn it is to start a daemon. */
import { expect, it } from 'vitest';
import { makeTempHome } from './fixtures/temp-home.ts';
import { takeStartTurn } from './start-turn.ts';

it.runIf(process.platform === 'linux')(
  'is had by one at a time, in each home',
  async () => {
    const { home } = makeTempHome();
    const { home: another } = makeTempHome();
    const turn = await takeStartTurn(home);
    expect(turn).toBeDefined();
    expect(await takeStartTurn(home)).toBeUndefined();
    const elsewhere = await takeStartTurn(another);
    expect(elsewhere).toBeDefined();
    turn?.end();
    const next = await takeStartTurn(home);
    expect(next).toBeDefined();
    next?.end();
    elsewhere?.end();
  },
);
