/** What all verdicts of a run come to. */
import type { Verdict } from '../../test/score/tools/verdict.ts';

export type Summary = Readonly<{
  passed: number;
  failed: number;
  /** Whether the run as a whole is good: something was run, and all of it passed. */
  good: boolean;
}>;

/** `chosen` checks were to be run; one without a verdict has failed. */
export const summarize = (
  verdicts: readonly Verdict[],
  chosen: number,
): Summary => {
  const passed = verdicts.filter(({ pass }) => pass).length;
  const failed = chosen - passed;
  return { passed, failed, good: failed === 0 && passed > 0 };
};
