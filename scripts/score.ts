/**
 * `npm run score`: runs the checks of the scoreboard, one after the other, each
 * in a process of its own, and prints a table. A check that fails, crashes or
 * does not end makes the exit code 1. See docs/scoreboard.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { describeMachine } from '../bench/tools/machine.ts';
import { deadlineOf } from '../test/score/tools/check.ts';
import type { Verdict } from '../test/score/tools/verdict.ts';
import { drawSeed } from '../test/support/random.ts';
import requireBuild from '../test/support/require-build.ts';
import { parseOptions, usage, type Options } from './score/options.ts';
import { insistPlace, updatePage, type PageRun } from './score/page.ts';
import { runCheck } from './score/run-check.ts';
import { isWritten, programOf, scoreboard } from './score/scoreboard.ts';
import { summarize } from './score/summary.ts';
import { cellsOf, headings, renderTable } from './score/table.ts';

const pagePath = new URL('../docs/scoreboard.md', import.meta.url).pathname;

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2), scoreboard, isWritten);
  if ('problem' in options) {
    console.error(`${options.problem}\n\n${usage}`);
    process.exitCode = 1;
  } else if (options.help) {
    console.log(usage);
  } else {
    requireBuild();
    if (options.write) insistPlace(await readFile(pagePath, 'utf8'));
    await run(options);
  }
};

const run = async (options: Options): Promise<void> => {
  const verdicts = await runAll(options);
  console.log(`\n${renderTable([...headings], verdicts.map(cellsOf))}`);
  const { passed, failed, good } = summarize(verdicts, options.checks.length);
  const absent = scoreboard.filter((entry) => !isWritten(entry)).length;
  console.log(
    `${passed} passed, ${failed} failed; ${absent} of the ${scoreboard.length} checks are not written yet`,
  );
  if (options.write) await writePage(verdicts, options);
  if (!good) process.exitCode = 1;
};

const runAll = async ({
  checks,
  mode,
  patience,
  seed = drawSeed(),
}: Options): Promise<readonly Verdict[]> => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort());
  }
  console.log(`seed ${seed}, ${mode} mode`);
  const verdicts: Verdict[] = [];
  for (const entry of checks) {
    if (stop.signal.aborted) break;
    const verdict = await runCheck({
      id: entry.id,
      program: programOf(entry),
      mode,
      seed,
      deadlineMs: deadlineOf(entry.id, mode) * patience,
      onNote: (text) => process.stderr.write(text),
      signal: stop.signal,
    });
    verdicts.push(verdict);
    report(verdict);
  }
  return verdicts;
};

const report = ({ id, pass, value, seconds, details }: Verdict): void => {
  console.log(`${pass ? 'ok    ' : 'FAILED'}  ${id}  ${seconds} s  ${value}`);
  if (!pass && details !== undefined) {
    const text = JSON.stringify(details, null, 2);
    console.log(text.replaceAll(/^/gmu, '        '));
  }
};

const writePage = async (
  verdicts: readonly Verdict[],
  { mode, patience }: Options,
): Promise<void> => {
  const page = await readFile(pagePath, 'utf8');
  const text = updatePage(
    page,
    { verdicts, ...aboutRun(mode, patience) },
    isWritten,
  );
  const config = await resolveConfig(pagePath);
  await writeFile(
    pagePath,
    await format(text, { ...config, filepath: pagePath }),
  );
};

const aboutRun = (
  mode: Options['mode'],
  patience: number,
): Omit<PageRun, 'verdicts'> => {
  const machine = describeMachine(process.env['TMPDIR'] ?? '/tmp', mode);
  const { processor, cores, memoryGiB, system, fileSystem, node } = machine;
  const { date, commit = 'no commit', load } = machine;
  return {
    machine: `${processor}, ${cores} cores, ${memoryGiB} GiB · ${system}, ${fileSystem} · Node ${node}`,
    date: date.slice(0, 10),
    circumstances: `commit ${commit}, load ${load} at the end${
      patience === 1 ? '' : `, with a patience of ${patience}`
    }`,
  };
};

await main();
