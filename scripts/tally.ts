/**
 * Counts what a vitest run came to, from its JSON report. A file that could
 * not be loaded has no tests to fail, so it counts as one failure itself.
 */
type Assertion = Readonly<{ status: string }>;

export type VitestReport = Readonly<{
  testResults: readonly Readonly<{
    status: string;
    assertionResults: readonly Assertion[];
  }>[];
}>;

export type Tally = Readonly<{ passed: number; failed: number }>;

export const tally = ({ testResults }: VitestReport): Tally => {
  const statuses = testResults.flatMap(({ status, assertionResults }) => {
    const own = assertionResults.map((assertion) => assertion.status);
    return status === 'failed' && !own.includes('failed')
      ? [...own, 'failed']
      : own;
  });
  const count = (wanted: string): number =>
    statuses.filter((status) => status === wanted).length;
  return { passed: count('passed'), failed: count('failed') };
};
