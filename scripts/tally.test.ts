import { describe, expect, it } from 'vitest';
import { tally, type VitestReport } from './tally.ts';

const file = (
  status: string,
  ...assertions: string[]
): VitestReport['testResults'][number] => ({
  status,
  assertionResults: assertions.map((assertion) => ({ status: assertion })),
});

describe('tally', () => {
  it.each([
    ['nothing', [], { passed: 0, failed: 0 }],
    [
      'tests over all files',
      [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')],
      { passed: 3, failed: 1 },
    ],
    [
      'no skipped test',
      [file('passed', 'skipped', 'pending')],
      { passed: 0, failed: 0 },
    ],
    [
      'a file that could not be loaded',
      [file('failed')],
      { passed: 0, failed: 1 },
    ],
    [
      'a file whose tear-down failed',
      [file('failed', 'passed')],
      { passed: 1, failed: 1 },
    ],
  ])('counts %s', (_what, testResults, expected) => {
    expect(tally({ testResults })).toEqual(expected);
  });
});
