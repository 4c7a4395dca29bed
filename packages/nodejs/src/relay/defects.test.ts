import { expect, it } from 'vitest';
import { makeTestLogger } from '../daemon/fixtures/temp-home.ts';
import { makeDefectLog } from './defects.ts';

it('tells of a defect once a minute, and how many it did not tell of', () => {
  const logger = makeTestLogger();
  let now = 0;
  const tell = makeDefectLog(logger, () => now);
  const [one, two] = [new Error('one'), new Error('two')];
  tell(one);
  for (now = 1; now < 60_000; now += 20_000) tell(two);
  expect(logger.reports).toMatchObject([{ level: 'error', err: one }]);
  now = 60_000;
  tell(two);
  now = 130_000;
  tell(one);
  expect(logger.reports.slice(1)).toMatchObject([
    { err: two, untoldBefore: 3 },
    { err: one },
  ]);
  expect(logger.reports.at(-1)).not.toHaveProperty('untoldBefore');
});
