/**
 * Check 38. Vats that write to their console without end, and a disk for the log
 * that is full. The log stays within its bounds and tells what is missing in it,
 * other vats do not notice, and no secret is in it that nobody wrote there.
 *
 * How much others lose is measured in short windows by turns: with lines that
 * are written, and with the same lines made and thrown away by the same vat. So
 * what is found is what the log costs, and not that a processor is taken.
 */
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { canMount, fullDiskFacts } from './tools/full-log-disk.ts';
import { launchVat } from './tools/launch-vat.ts';
import { linesOfLogs, logFilesOf } from './tools/log-files.ts';
import { percentile } from './tools/percentile.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { secretFacts } from './tools/secrets-in-logs.ts';

const MB = 1e6;
const LIMIT_BYTES = 50 * MB;
const LIMIT_FILES = 5;
const LIMIT_LOSS = 0.1;
/** As many lines as a delivery may write, each nearly as long as a line may be. */
const LINES = 1000;
const LINE_CHARS = 16_000;
/** Calls of the bystander under way at a time. */
const IN_FLIGHT = 8;
/** Each may write so much at once, and together they overflow the log. */
const CROWD = 16;

export const check: Check = {
  number: 38,
  id: 'log-bound',
  title: 'a gigabyte of console output, and a log on a full disk',
  ...(!canMount && {
    missing:
      'here nothing may be mounted, so the full disk of the log is /dev/full, which is never emptied',
  }),
  run: async ({ openDaemon, amount, note }) => {
    const daemon = await openDaemon();
    const facts: Fact[] = [];
    const noisy = await openNoisy(daemon);
    const goal = amount(200 * MB, 1000 * MB);
    const windowMs = amount(500, 1500);
    const rates = { loud: [] as number[], quiet: [] as number[] };
    let written = 0;
    await noisy.bystand(windowMs, 'quiet');
    while (written < goal || rates.loud.length < amount(4, 20)) {
      for (const how of ['quiet', 'loud'] as const) {
        const { rate, chars } = await noisy.bystand(windowMs, how);
        rates[how].push(rate);
        if (how === 'loud') written += chars;
      }
    }
    const quiet = percentile(rates.quiet, 50);
    const loss = 1 - percentile(rates.loud, 50) / quiet;
    const lost = `${(100 * loss).toFixed(1)} % of ${quiet.toFixed(0)} calls/s`;
    note(`${(written / MB).toFixed(0)} MB written; lost ${lost}`);
    facts.push(
      {
        fact: `the calls of others lose less than ${100 * LIMIT_LOSS} %`,
        holds: loss < LIMIT_LOSS,
        found: lost,
      },
      {
        fact: 'the log tells how many lines are missing',
        holds: linesOfLogs(daemon.home).some(({ msg }) =>
          /suppressed \d+ console lines/u.test(String(msg)),
        ),
      },
    );
    await overflow(daemon);
    facts.push(...boundFacts(daemon));
    facts.push(...(await secretFacts(daemon)));
    facts.push(...(await fullDiskFacts(openDaemon, note)));
    const total = sizeOf(daemon);
    return judge(facts, {
      value: `${(written / MB).toFixed(0)} MB written, ${(total / MB).toFixed(1)} MB kept, lost ${lost}`,
      limit: `<= ${LIMIT_BYTES / MB} MB in ${LIMIT_FILES} files, a "suppressed n" line, < ${100 * LIMIT_LOSS} % lost, no secrets`,
    });
  },
};

const noisyVat = `
  const line = 'x'.repeat(${LINE_CHARS});
  // Under SES to look up a global takes longer than to drop a line.
  const { log } = console;
  let kept = '';
  return makeDefaultExo('Noisy', {
    loud: (n) => { for (let i = 0; i < n; i += 1) log(i, line); },
    quiet: (n) => { for (let i = 0; i < n; i += 1) kept = line + i; },
  });`;

const openNoisy = async (daemon: ScoreDaemon) => {
  const noisy = await launchVat(daemon, noisyVat);
  const other = await launchVat(
    daemon,
    `return makeDefaultExo('Other', { hi: () => 'hi' });`,
  );
  /** How often a second others are answered meanwhile, and how much is written. */
  const bystand = async (
    ms: number,
    how: 'loud' | 'quiet',
  ): Promise<Readonly<{ rate: number; chars: number }>> => {
    const begun = performance.now();
    const isOver = (): boolean => performance.now() - begun > ms;
    let calls = 0;
    let chars = 0;
    const client = daemon.openClient();
    const call = async (): Promise<void> => {
      while (!isOver()) {
        await client.call(other.root, 'hi');
        calls += 1;
      }
    };
    const disturb = async (): Promise<void> => {
      while (!isOver()) {
        await daemon.client.call(noisy.root, how, LINES);
        chars += LINES * LINE_CHARS;
      }
    };
    const calling = Promise.all(Array.from({ length: IN_FLIGHT }, call));
    const disturbing = disturb();
    await calling;
    const seconds = (performance.now() - begun) / 1000;
    await disturbing;
    client.close();
    return { rate: calls / seconds, chars };
  };
  return { bystand };
};

/** More than all files may hold, by vats that were silent so far. */
const overflow = async (daemon: ScoreDaemon): Promise<void> => {
  for (let vats = CROWD; vats > 0; vats -= 1) {
    const { root } = await launchVat(daemon, noisyVat, { placement: 'shared' });
    await daemon.client.call(root, 'loud', 300);
  }
};

const sizeOf = ({ home }: ScoreDaemon): number =>
  logFilesOf(home).reduce((sum, { bytes }) => sum + bytes, 0);

const boundFacts = (daemon: ScoreDaemon): readonly Fact[] => {
  const files = logFilesOf(daemon.home);
  const found = files.map(({ name, bytes }) => `${name}: ${bytes}`);
  return [
    {
      fact: `the log has ${LIMIT_BYTES / MB} MB at most`,
      holds: sizeOf(daemon) <= LIMIT_BYTES,
      found,
    },
    {
      fact: `in ${LIMIT_FILES} files at most`,
      holds: files.length <= LIMIT_FILES,
      found,
    },
    {
      fact: 'it was begun anew, so that this has been tried',
      holds: files.length > 1,
      found,
    },
    {
      fact: 'each of its lines is whole',
      holds: linesOfLogs(daemon.home).every(({ msg }) => msg !== undefined),
    },
  ];
};

await runAlone(import.meta.url, check);
