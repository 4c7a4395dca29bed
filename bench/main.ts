/**
 * `npm run bench`: measures ocap and the floors beside it, and peers if asked,
 * in one run, and prints a table. Everything that it starts is ended and
 * everything that it writes is deleted, however it ends, but for the peers that
 * it has installed. See docs/benchmarks.md.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { curves } from './curves/index.ts';
import { rows } from './rows/index.ts';
import { measureCurve } from './tools/curve.ts';
import { describeMachine, machineLine } from './tools/machine.ts';
import { parseOptions, usage, type Options } from './tools/options.ts';
import { providePeers, type Peer } from './tools/peers.ts';
import { makeSections } from './tools/report.ts';
import { makeResult, type Result } from './tools/result.ts';
import type { Bench, Row } from './tools/row.ts';
import { openWorkspace, type Workspace } from './tools/workspace.ts';
import { insistPlace, writeIntoDocs } from './tools/write-into-docs.ts';

const daemonEntry = fileURLToPath(
  new URL('../packages/nodejs/dist/daemon.mjs', import.meta.url),
);

const menu = { rows, curves };

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2), menu);
  if ('problem' in options) {
    console.error(`${options.problem}\n\n${usage(menu)}`);
    process.exitCode = 1;
  } else if (options.help) {
    console.log(usage(menu));
  } else if (existsSync(daemonEntry)) {
    if (options.write) {
      insistPlace('bench');
      insistPlace('curves');
      insistPlace('peers');
    }
    await run(options);
  } else {
    console.error('ocap is not built yet: run `npm run build`.');
    process.exitCode = 1;
  }
};

const run = async (options: Options): Promise<void> => {
  const workspace = await openWorkspace();
  endOnSignals(workspace);
  try {
    const peers = await providePeersOf(options.rows, workspace);
    const mode = options.quick ? 'quick' : 'full';
    const machine = describeMachine(workspace.folder, mode);
    console.log(`${machineLine(machine)}\n`);
    const bench: Bench = {
      workspace,
      amount: (quick, full) => (options.quick ? quick : full),
    };
    const results = await measureAll(
      withoutMissing(options.rows, peers),
      bench,
      async (row) => makeResult(row, await row.measure(bench)),
    );
    const grown = (
      await measureAll(options.curves, bench, async (curve) =>
        measureCurve(curve, bench),
      )
    ).flat();
    const sections = makeSections(results, grown, peers);
    process.stdout.write(sections.map(({ text }) => text).join('\n'));
    if (options.json !== undefined) {
      const report = { machine, peers, results, curves: grown };
      writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
    if (options.write) {
      for (const { place, text } of sections) {
        writeIntoDocs({ place, text: `${machineLine(machine)}\n\n${text}` });
      }
    }
    if (options.strict && [...results, ...grown].some(isMissed))
      process.exitCode = 1;
  } finally {
    await workspace.close();
  }
};

const endOnSignals = (workspace: Workspace): void => {
  const leave = async (exitCode: number): Promise<void> => {
    await workspace.close();
    process.exit(exitCode);
  };
  process.once('SIGHUP', () => void leave(129));
  process.once('SIGINT', () => void leave(130));
  process.once('SIGTERM', () => void leave(143));
};

/** For those who have nothing to say any more: the signal's handler has the last word. */
const forever = Promise.withResolvers<never>().promise;

/** One that cannot be had is told with the exit code. */
const providePeersOf = async (
  chosen: readonly Row[],
  workspace: Workspace,
): Promise<readonly Peer[]> => {
  const ids = new Set(chosen.flatMap(({ peer }) => peer ?? []));
  const peers = await providePeers(workspace, [...ids]);
  // Then they are missing because all is being ended.
  if (workspace.isClosing()) return forever;
  for (const peer of peers) {
    if (!('problem' in peer)) continue;
    console.error(`${peer.id} could not be installed: ${peer.problem}`);
    process.exitCode = 1;
  }
  return peers;
};

const withoutMissing = (
  chosen: readonly Row[],
  peers: readonly Peer[],
): readonly Row[] =>
  chosen.filter(
    ({ peer }) =>
      !peers.some(
        ({ id, ...provided }) => id === peer && 'problem' in provided,
      ),
  );

/** What fails is left out, and told with the exit code. */
const measureAll = async <Item extends Readonly<{ id: string }>, Measured>(
  chosen: readonly Item[],
  { workspace }: Bench,
  measure: (item: Item) => Promise<Measured>,
): Promise<readonly Measured[]> => {
  const results: Measured[] = [];
  for (const item of chosen) {
    const begun = performance.now();
    try {
      results.push(await measure(item));
    } catch (error) {
      // Fails because all is being ended.
      if (workspace.isClosing()) return forever;
      console.error(`${item.id} failed:`, error);
      process.exitCode = 1;
      continue;
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.error(`${item.id}: measured in ${seconds} s`);
  }
  return results;
};

const isMissed = ({ row, reached }: Result): boolean =>
  row.goal?.kind === 'target' && reached === false;

await main();
