import { expect, it } from 'vitest';
import { makeLinePace, type LinePace } from './line-pace.ts';

const FRAME = 4 * 1024;

const relayed = (bytesLeft?: () => number): LinePace =>
  makeLinePace({ isRelayed: true, bytesLeft: bytesLeft ?? (() => undefined) });

/** Sends what is allowed, from this number on; returns the number of frames. */
const fill = (pace: LinePace, from = 1): number => {
  let count = 0;
  while (pace.allows() && count < 1000) {
    pace.onSent(from + count, FRAME);
    count += 1;
  }
  return count;
};

it('a direct link takes whatever there is', () => {
  const pace = makeLinePace({ isRelayed: false, bytesLeft: () => undefined });
  pace.begin(0);
  expect(fill(pace)).toBe(1000);
});

it('a relayed link takes twice as much after each acknowledgement', () => {
  const pace = relayed();
  pace.begin(undefined);
  expect(fill(pace)).toBe(3);
  pace.onAcknowledged(3);
  expect(fill(pace, 4)).toBe(6);
  pace.onAcknowledged(9);
  expect(fill(pace, 10)).toBe(12);
  expect(pace.carried()).toBe(9 * FRAME);
});

it('what it carried is known once something was sent', () => {
  const pace = relayed();
  expect(pace.carried()).toBeUndefined();
  pace.onSent(1, FRAME);
  expect(pace.carried()).toBe(0);
  pace.onAcknowledged(1);
  expect(pace.carried()).toBe(FRAME);
});

it('it takes as much again as was acknowledged, if that is not all', () => {
  const pace = relayed();
  fill(pace);
  pace.onAcknowledged(1);
  expect(fill(pace, 4)).toBe(2);
});

it('it takes one frame, however large, and no second one', () => {
  const pace = relayed();
  pace.onSent(1, 1_000_000);
  expect(pace.allows()).toBe(false);
  pace.onAcknowledged(1);
  expect(pace.allows()).toBe(true);
});

it.each([
  ['half of what the one before it carried', 20, 10],
  ['no less than any', 0, 3],
])('it begins with %s', (_, carriedFrames, expected) => {
  const pace = relayed();
  pace.begin(carriedFrames * FRAME);
  expect(fill(pace)).toBe(expected);
});

it('where the relay says what it carries, each side takes its share of that', () => {
  let left = 80 * FRAME;
  const pace = relayed(() => left);
  pace.begin(undefined);
  expect(fill(pace)).toBe(30);
  left -= 30 * FRAME;
  pace.onAcknowledged(20);
  // Three eighths of 50 and the 10 that are under way.
  expect(fill(pace, 31)).toBe(13);
});

it('the relay is not believed after a link that carried nothing', () => {
  const pace = relayed(() => 80 * FRAME);
  pace.begin(0);
  expect(fill(pace)).toBe(3);
  pace.onAcknowledged(3);
  expect(fill(pace, 4)).toBe(6);
});
