/**
 * Runs one check in this process: gives it daemons, examines them when it is
 * over, and cleans up however it ended. A check that throws has failed.
 */
import { messageOf } from '@ocap/kernel-utils';
import { deadlineOf, type Check, type Mode, type Outcome } from './check.ts';
import { examine } from './examine.ts';
import { judge, type Fact } from './facts.ts';
import { makeScoreDaemon, type ScoreDaemon } from './score-daemon.ts';
import type { Verdict } from './verdict.ts';

export type Performance = Readonly<{
  verdict: Promise<Verdict>;
  /** Ends every daemon of the check; it cannot go on from there. */
  abandon(): Promise<void>;
}>;

export const perform = (
  check: Check,
  { mode, seed }: Readonly<{ mode: Mode; seed: number }>,
): Performance => {
  const begun = performance.now();
  const daemons: ScoreDaemon[] = [];
  const closeAll = async (): Promise<void> => {
    for (const daemon of daemons.splice(0)) await daemon.close();
  };

  const runIt = async (): Promise<Outcome> => {
    const outcome = await check.run({
      mode,
      seed,
      amount: (quick, full) => (mode === 'quick' ? quick : full),
      timeLeftMs: () =>
        deadlineOf(check.id, mode) - (performance.now() - begun),
      note: (text) => process.stderr.write(`${check.id}: ${text}\n`),
      openDaemon: async (options) => {
        const daemon = await makeScoreDaemon(options);
        daemons.push(daemon);
        await daemon.start();
        return daemon;
      },
    });
    const facts: Fact[] = [];
    for (const daemon of daemons) facts.push(...(await examine(daemon)));
    return facts.length === 0 ? outcome : withEnd(outcome, facts);
  };

  const verdict = async (): Promise<Verdict> => {
    const outcome = await runIt()
      .catch((thrown: unknown): Outcome => {
        const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
        return {
          pass: false,
          value: `it broke off: ${messageOf(thrown)}`,
          limit: 'that it can be run to its end',
          details: stack.split('\n').slice(1, 6),
        };
      })
      .finally(closeAll);
    const { id, missing } = check;
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    return {
      id,
      ...outcome,
      seed,
      seconds,
      mode,
      ...(missing === undefined ? {} : { missing }),
    };
  };

  return { verdict: verdict(), abandon: closeAll };
};

/** The check's own outcome, and what the examination of its daemons has found. */
const withEnd = (outcome: Outcome, facts: readonly Fact[]): Outcome => {
  const end = judge(facts, { limit: '' });
  if (end.pass) return outcome;
  const details = [outcome.details ?? [], end.details ?? []].flat();
  return { ...outcome, pass: false, details };
};
