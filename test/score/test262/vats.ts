/**
 * Files of test262 in a vat: evaluated by its own `eval`, on its own global, in a
 * process as every vat has it. Many in one call; what a file has left on the
 * global is cleared away before the next. A vat whose global cannot be made as it
 * was is not used again, and one that a file has ended is the fault of that file.
 */
import { messageOf, type Json } from '@ocap/kernel-utils';
import { vatSource } from '../../../packages/nodejs/src/testing/vat-source.ts';
import type { ScoreDaemon } from '../tools/score-daemon.ts';
import type { Order } from './baseline.ts';
import type { TestFile } from './corpus.ts';
import { ending } from './harness.ts';
import { runnerSource } from './runner-source.ts';

/** Files in one call: they wait for each other, and for the disk only once. */
export const BATCH = 40;

const bundleSpec = vatSource(`
  // Of its own, since a file may set what is on the global.
  const { ownKeys, defineProperty, deleteProperty, getOwnPropertyDescriptor, isExtensible } = Reflect;
  const { is } = Object;
  const { harden } = globalThis;
  const evaluate = globalThis.eval;
  const run = ${runnerSource}(parameters.harness, parameters.ending, (text) => evaluate(text));

  const describe = () => ownKeys(globalThis).map((key) => [key, getOwnPropertyDescriptor(globalThis, key)]);
  const before = describe();
  const isSame = (one, other) =>
    one !== undefined && ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'].every((key) => is(one[key], other[key]));
  const isAsBefore = () =>
    isExtensible(globalThis) && ownKeys(globalThis).length === before.length &&
    before.every(([key, descriptor]) => isSame(getOwnPropertyDescriptor(globalThis, key), descriptor));
  const clear = () => {
    const known = before.map(([key]) => key);
    for (const key of ownKeys(globalThis)) if (!known.includes(key)) deleteProperty(globalThis, key);
    for (const [key, descriptor] of before) defineProperty(globalThis, key, descriptor);
  };

  return makeDefaultExo('Test262', {
    // Ends early, and for good, when the global cannot be made as it was.
    run: async (files) => {
      const verdicts = [];
      for (const file of files) {
        verdicts.push(await run(file));
        if (isAsBefore()) continue;
        clear();
        if (!isAsBefore()) return harden({ verdicts, isSpent: true });
      }
      return harden({ verdicts, isSpent: false });
    },
  });`);

type Options = Readonly<{
  deliveryMs: number;
  /** Files in one call; one that ends its vat lets those of its call be run one by one. */
  batch: number;
}>;

type VatRun = Readonly<{
  /** For each file '' if it passes, and else what was wrong. */
  verdicts: readonly string[];
  /** How many vats it took. */
  vats: number;
}>;

export const runInVats = async (
  daemon: ScoreDaemon,
  { harness, files }: Order,
  { deliveryMs, batch }: Options,
): Promise<VatRun> => {
  const verdicts: string[] = [];
  let vats = 0;
  let alone = 0;
  while (verdicts.length < files.length) {
    vats += 1;
    const vat = await launch(daemon, harness, deliveryMs);
    for (let isUsable = true; isUsable && verdicts.length < files.length;) {
      const at = verdicts.length;
      const some = files.slice(at, at + (at < alone ? 1 : batch));
      const answer = await vat.run(some);
      verdicts.push(...answer.verdicts);
      isUsable = !answer.isSpent;
      if (answer.verdicts.length === 0) alone = at + some.length;
    }
    await vat.close();
  }
  return { verdicts, vats };
};

type Answer = Readonly<{
  /** Of the first of the files; of none if it is not known which one ended the vat. */
  verdicts: readonly string[];
  /** It is not to be used again. */
  isSpent: boolean;
}>;

type TestVat = Readonly<{
  run(files: readonly TestFile[]): Promise<Answer>;
  close(): Promise<void>;
}>;

const launch = async (
  { launch, client }: ScoreDaemon,
  harness: string,
  deliveryMs: number,
): Promise<TestVat> => {
  const { rootKref, subclusterId } = await launch({
    bootstrap: 'main',
    vats: {
      main: {
        bundleSpec,
        parameters: { harness, ending },
        placement: 'own',
        limits: { deliveryMs },
      },
    },
  });
  return {
    run: async (files) => {
      try {
        const args = files as unknown as Json;
        return (await client.call(rootKref, 'run', args)) as Answer;
      } catch (thrown) {
        const verdict = `it ends its vat: ${messageOf(thrown)}`;
        return { verdicts: files.length === 1 ? [verdict] : [], isSpent: true };
      }
    },
    close: async () => {
      await client.rpc('terminateSubcluster', { id: subclusterId });
    },
  };
};
