/**
 * Check 27. A fixed 2,000 files of test262, the tests of the language itself, in
 * a vat. Hardening takes something of the language away; a vat must not lose more
 * by it than plain SES does, in which the same files are run to compare.
 *
 * `test262/choice.ts` says which files these are. They are fetched when they are
 * needed: see `test262/provide-tests.ts`.
 */
import { makeRandom } from '../support/random.ts';
import { runBaseline } from './test262/baseline.ts';
import { controls } from './test262/controls.ts';
import { readCorpus, type Corpus, type TestFile } from './test262/corpus.ts';
import { provideTest262 } from './test262/provide-tests.ts';
import { BATCH, runInVats } from './test262/vats.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import { sample } from './tools/sample.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const CHOSEN = 2000;
/** Over their paths and texts, so that it is seen when they are others. */
const DIGEST =
  '3dfaafb8816f453064037bad43fdee05821e02976233775316d6777caab12bd1';
const QUICK_FILES = 1000;

const LEAST_SHARE = 0.98;
/** If plain SES passes fewer of the files, it is the runner that fails them. */
const LEAST_SHARE_OF_SES = 0.7;

const FILE_MS = 5000;
const CONTROL_MS = 1500;
/** What the run itself needs, on a busy machine; the rest is for fetching. */
const RUN_MS = { quick: 10_000, full: 90_000 };

export const check: Check = {
  number: 27,
  id: 'test262-lockdown',
  title: 'a fixed subset of 2,000 files of test262, in plain SES and in a vat',
  missing: `a quick run runs ${QUICK_FILES} of the 2,000 files, as the seed has it`,
  run: async ({ openDaemon, amount, mode, seed, timeLeftMs, note }) => {
    const folder = await provideTest262(timeLeftMs() - RUN_MS[mode]);
    const corpus = readCorpus(folder, CHOSEN);
    const count = amount(QUICK_FILES, CHOSEN);
    const files = sample(corpus.files, count, makeRandom(seed));
    const daemon = await openDaemon();
    const compared = await runBoth(daemon, corpus, files);
    note(`${count} files, ${compared.vats} vats`);
    const facts = [
      ...areTheChosen(corpus),
      ...passAlike(compared),
      ...(await tellApart(daemon, corpus, amount(1, BATCH))),
    ];
    const { passing, same } = compared;
    return judge(facts, {
      value: `${count} files, SES passes ${passing}, a vat ${same} of them (${percent(same / passing)})`,
      limit: `${percent(LEAST_SHARE)} of what passes in plain SES`,
    });
  },
};

const areTheChosen = ({ files, digest }: Corpus): readonly Fact[] => [
  {
    fact: `${CHOSEN} files are chosen`,
    holds: files.length === CHOSEN,
    found: files.length,
  },
  {
    fact: 'they are the same files as ever',
    holds: digest === DIGEST,
    found: digest,
  },
];

type Compared = Readonly<{
  files: number;
  /** Files that pass in plain SES, and how many of these in a vat. */
  passing: number;
  same: number;
  /** Of the others the path, and what was wrong in the vat. */
  lost: readonly string[];
  vats: number;
}>;

const runBoth = async (
  daemon: ScoreDaemon,
  { harness }: Corpus,
  files: readonly TestFile[],
): Promise<Compared> => {
  const order = { harness, files };
  const [ses, { verdicts, vats }] = await Promise.all([
    runBaseline(order, FILE_MS),
    runInVats(daemon, order, { deliveryMs: FILE_MS, batch: BATCH }),
  ]);
  const passing = ses.filter((verdict) => verdict === '').length;
  const lost = files.flatMap(({ path }, index) =>
    ses[index] === '' && verdicts[index] !== ''
      ? [`${path}: ${verdicts[index]}`]
      : [],
  );
  const same = passing - lost.length;
  return { files: files.length, passing, same, lost, vats };
};

const passAlike = ({
  files,
  passing,
  same,
  lost,
}: Compared): readonly Fact[] => [
  {
    fact: `${percent(LEAST_SHARE_OF_SES)} of the files at least pass in plain SES`,
    holds: passing >= files * LEAST_SHARE_OF_SES,
    found: `${passing} of ${files}`,
  },
  {
    fact: `of these ${percent(LEAST_SHARE)} at least pass in a vat`,
    holds: same >= passing * LEAST_SHARE,
    found: [`${same} of ${passing}`, ...lost],
  },
];

/** That both tell what passes from what does not. */
const tellApart = async (
  daemon: ScoreDaemon,
  { harness }: Corpus,
  batch: number,
): Promise<readonly Fact[]> => {
  const order = { harness, files: controls.map(({ file }) => file) };
  const [ses, { verdicts }] = await Promise.all([
    runBaseline(order, CONTROL_MS),
    runInVats(daemon, order, { deliveryMs: CONTROL_MS, batch }),
  ]);
  const judged = (where: string, found: readonly string[]): readonly Fact[] =>
    controls.map(({ file, expected }, index) => ({
      fact: `of the runner: what ${file.path} is told apart in ${where}`,
      holds: expected.test(found[index] ?? 'nothing was said'),
      found: found[index] ?? '',
    }));
  return [...judged('plain SES', ses), ...judged('a vat', verdicts)];
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

await runAlone(import.meta.url, check);
