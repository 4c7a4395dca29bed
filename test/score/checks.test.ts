/** Every check says which of the forty it is. A new one is added here. */
import { expect, it } from 'vitest';
import { isWritten, scoreboard } from '../../scripts/score/scoreboard.ts';
import { check as abortCrank } from './abort-crank.ts';
import { check as backupUnderLoad } from './backup-under-load.ts';
import { check as conn10k } from './conn-10k.ts';
import { check as corruptDb } from './corrupt-db.ts';
import { check as diskFull } from './disk-full.ts';
import { check as escapeCorpus } from './escape-corpus.ts';
import { check as failNthIo } from './fail-nth-io.ts';
import { check as forgedRefs } from './forged-refs.ts';
import { check as fsizeLimit } from './fsize-limit.ts';
import { check as gcSoak } from './gc-soak.ts';
import { check as globalsCensus } from './globals-census.ts';
import { check as jsonSuite } from './json-suite.ts';
import { check as lineLimits } from './line-limits.ts';
import { check as logBound } from './log-bound.ts';
import { check as perms } from './perms.ts';
import { check as holdback } from './holdback.ts';
import { check as kill9EachStep } from './kill9-each-step.ts';
import { check as kill9Ledger } from './kill9-ledger.ts';
import { check as powerlossImages } from './powerloss-images.ts';
import { check as pragmaPromise } from './pragma-promise.ts';
import { check as protoPollution } from './proto-pollution.ts';
import { check as relayChurn } from './relay-churn.ts';
import { check as remoteAttack } from './remote-attack.ts';
import { check as restartEqual } from './restart-equal.ts';
import { check as rpcFuzz } from './rpc-fuzz.ts';
import { check as simSeeds } from './sim-seeds.ts';
import { check as slowloris } from './slowloris.ts';
import { check as soakRss } from './soak-rss.ts';
import { check as sqlSurface } from './sql-surface.ts';
import { check as staleState } from './stale-state.ts';
import { check as startX20 } from './start-x20.ts';
import { check as stuckStop } from './stuck-stop.ts';
import { check as test262Lockdown } from './test262-lockdown.ts';
import { check as timing } from './timing.ts';
import { check as upgradeMigrate } from './upgrade-migrate.ts';
import { check as vatAsyncThrow } from './vat-async-throw.ts';
import { check as vatFlood } from './vat-flood.ts';
import { check as vatMemory } from './vat-memory.ts';
import { check as vatSpin } from './vat-spin.ts';
import { check as vatUpgrade } from './vat-upgrade.ts';

const checks = [
  kill9Ledger,
  kill9EachStep,
  powerlossImages,
  pragmaPromise,
  holdback,
  abortCrank,
  failNthIo,
  diskFull,
  fsizeLimit,
  corruptDb,
  restartEqual,
  backupUnderLoad,
  upgradeMigrate,
  vatUpgrade,
  gcSoak,
  simSeeds,
  soakRss,
  vatSpin,
  vatMemory,
  vatAsyncThrow,
  vatFlood,
  forgedRefs,
  escapeCorpus,
  protoPollution,
  globalsCensus,
  timing,
  test262Lockdown,
  jsonSuite,
  lineLimits,
  slowloris,
  conn10k,
  rpcFuzz,
  sqlSurface,
  startX20,
  staleState,
  stuckStop,
  perms,
  logBound,
  remoteAttack,
  relayChurn,
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
