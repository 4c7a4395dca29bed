import { expect, it } from 'vitest';
import { judge } from '../../test/score/tools/facts.ts';
import { findVerdict, type Verdict } from '../../test/score/tools/verdict.ts';
import { summarize } from './summary.ts';

const verdict = (id: string, pass: boolean): Verdict => ({
  id,
  pass,
  value: '1',
  limit: '2',
  seed: 7,
  seconds: 1,
  mode: 'quick',
});

it.each([
  ['nothing was run', [], 0, { passed: 0, failed: 0, good: false }],
  [
    'all passed',
    [verdict('a', true), verdict('b', true)],
    2,
    { passed: 2, failed: 0, good: true },
  ],
  [
    'one failed',
    [verdict('a', true), verdict('b', false)],
    2,
    { passed: 1, failed: 1, good: false },
  ],
  [
    'one was not run to its end',
    [verdict('a', true)],
    2,
    { passed: 1, failed: 1, good: false },
  ],
])('counts the verdicts when %s', (_what, verdicts, chosen, expected) => {
  expect(summarize(verdicts, chosen)).toStrictEqual(expected);
});

it('a check passes if there is something that it has looked at, and all of it holds', () => {
  const good = { fact: 'good', holds: true };
  const bad = { fact: 'bad', holds: false, found: 3 };
  expect(judge([good, good], { limit: 'x' })).toStrictEqual({
    pass: true,
    value: '2 of 2 hold',
    limit: 'x',
  });
  expect(judge([good, bad], { value: '9 ms', limit: 'x' })).toStrictEqual({
    pass: false,
    value: '9 ms; 1 of 2 hold',
    limit: 'x',
    details: [{ bad: 3 }],
  });
  expect(judge([], { limit: 'x' })).toMatchObject({ pass: false });
});

it('the verdict of a check is the last line that is one, and of this check', () => {
  const line = (id: string, pass: boolean): string =>
    `${JSON.stringify(verdict(id, pass))}\n`;
  const text = `${line('a', true)}${line('a', false)}${line('b', true)}noise\n{"id":"a"}\n`;
  expect(findVerdict(text, 'a')).toMatchObject({ id: 'a', pass: false });
  expect(findVerdict(text, 'c')).toBeUndefined();
});
