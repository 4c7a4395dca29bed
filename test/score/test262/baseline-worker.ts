/**
 * Runs files of test262 as SES has them, without anything of ours: each in a new
 * Compartment after `lockdown()`. Takes its order from stdin, and prints a line
 * when it begins and for each file that is done, so that it is seen which one broke it.
 */
import 'ses';
import { readFileSync, writeSync } from 'node:fs';
import type { Order } from './baseline.ts';
import { ending } from './harness.ts';
import { runnerSource, type MakeRunner } from './runner-source.ts';

lockdown();

const { harness, files } = JSON.parse(readFileSync(0, 'utf8')) as Order;
const tell = (text: string): void => {
  writeSync(1, `${JSON.stringify(text)}\n`);
};

tell('it begins');
const makeRunner = (0, eval)(runnerSource) as MakeRunner;
for (const file of files) {
  const scope = new Compartment().globalThis as { eval: typeof eval };
  // As a vat does it; `evaluate` would refuse direct eval as well.
  tell(await makeRunner(harness, ending, scope.eval)(file));
}
process.exit(0);
