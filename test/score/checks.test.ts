/** Every check says which of the forty it is. A new one is added here. */
import { expect, it } from 'vitest';
import { isWritten, scoreboard } from '../../scripts/score/scoreboard.ts';
import { check as abortCrank } from './abort-crank.ts';
import { check as forgedRefs } from './forged-refs.ts';
import { check as gcSoak } from './gc-soak.ts';
import { check as globalsCensus } from './globals-census.ts';
import { check as pragmaPromise } from './pragma-promise.ts';
import { check as protoPollution } from './proto-pollution.ts';
import { check as restartEqual } from './restart-equal.ts';
import { check as simSeeds } from './sim-seeds.ts';
import { check as timing } from './timing.ts';
import { check as vatAsyncThrow } from './vat-async-throw.ts';
import { check as vatFlood } from './vat-flood.ts';
import { check as vatMemory } from './vat-memory.ts';
import { check as vatSpin } from './vat-spin.ts';
import { check as vatUpgrade } from './vat-upgrade.ts';

const checks = [
  pragmaPromise,
  abortCrank,
  restartEqual,
  vatUpgrade,
  gcSoak,
  simSeeds,
  vatSpin,
  vatMemory,
  vatAsyncThrow,
  vatFlood,
  forgedRefs,
  protoPollution,
  globalsCensus,
  timing,
];

it('every check that is written has the number and id of its row', () => {
  expect(checks.map(({ number, id }) => ({ number, id }))).toStrictEqual(
    scoreboard.filter(isWritten),
  );
});

it('every check says in one line what it does', () => {
  expect(
    checks.filter(({ title }) => title === '' || title.includes('\n')),
  ).toStrictEqual([]);
});
