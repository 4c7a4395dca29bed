/**
 * `npm run bench`: measures ocap and the floors beside it, in one run, and
 * prints one table. Everything that it starts is ended and everything that it
 * writes is deleted, however it ends. See docs/benchmarks.md.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rows } from './rows/index.ts';
import { describeMachine, machineLine } from './tools/machine.ts';
import { parseOptions, usage, type Options } from './tools/options.ts';
import { makeResult, type Result } from './tools/result.ts';
import type { Bench, Row } from './tools/row.ts';
import { renderTable } from './tools/table.ts';
import { openWorkspace, type Workspace } from './tools/workspace.ts';
import { insistPlace, writeIntoDocs } from './tools/write-into-docs.ts';

const daemonEntry = fileURLToPath(
  new URL('../packages/nodejs/dist/daemon.mjs', import.meta.url),
);

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2), rows);
  if ('problem' in options) {
    console.error(`${options.problem}\n\n${usage(rows)}`);
    process.exitCode = 1;
  } else if (options.help) {
    console.log(usage(rows));
  } else if (existsSync(daemonEntry)) {
    if (options.write) insistPlace();
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
    const mode = options.quick ? 'quick' : 'full';
    const machine = describeMachine(workspace.folder, mode);
    console.log(`${machineLine(machine)}\n`);
    const results = await measureAll(options.rows, {
      workspace,
      amount: (quick, full) => (options.quick ? quick : full),
    });
    const table = renderTable(results);
    process.stdout.write(table);
    if (options.json !== undefined) {
      const report = { machine, results };
      writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
    if (options.write) writeIntoDocs(`${machineLine(machine)}\n\n${table}`);
    if (options.strict && results.some(isMissed)) process.exitCode = 1;
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

const forever = Promise.withResolvers<never>().promise;

/** A row that fails is left out, and told with the exit code. */
const measureAll = async (
  chosen: readonly Row[],
  bench: Bench,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const row of chosen) {
    const begun = performance.now();
    try {
      results.push(makeResult(row, await row.measure(bench)));
    } catch (error) {
      // Fails because all is being ended: the signal's handler has the last word.
      if (bench.workspace.isClosing()) return forever;
      console.error(`${row.id} failed:`, error);
      process.exitCode = 1;
      continue;
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.error(`${row.id}: measured in ${seconds} s`);
  }
  return results;
};

const isMissed = ({ row, reached }: Result): boolean =>
  row.goal?.kind === 'target' && reached === false;

await main();
