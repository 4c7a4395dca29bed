import { expect, it } from 'vitest';
import { failuresBefore, relayPauseAfter } from './relay-pause.ts';

it.each([
  ['at first', 0, 125, 250],
  ['twice as long after each failure', 1, 250, 500],
  ['half a second at most, as long as it may be back any time', 200, 250, 500],
  ['a quarter of a minute at most after that', 10_000, 7500, 15_000],
])('a relay is left alone %s', (_, failures, least, most) => {
  expect(relayPauseAfter(failures, 0)).toBe(least);
  expect(relayPauseAfter(failures, 1)).toBe(most);
});

it.each([
  ['that held well', 150, 5001, 0],
  ['that was short', 150, 10, 1],
  ['that was short, the first of all', 0, 10, 0],
])(
  'a relay with a reservation %s is expected back',
  (_, failures, held, left) => {
    expect(failuresBefore(failures, held)).toBe(left);
  },
);
