import { remoteId } from '@ocap/kernel-utils';
import { expect, it } from 'vitest';
import { leastMissed } from './least-missed.ts';

type Known = Parameters<typeof leastMissed>[0][number];

const one = (number: number, more: Partial<Known> = {}): Known => ({
  id: remoteId(number),
  standing: 'stranger',
  isAcquainted: false,
  isConnected: false,
  seenAt: number,
  ...more,
});
const shared = { isAcquainted: true };
const here = { isConnected: true };

it.each<[string, Known[], boolean, number | undefined]>([
  ['nobody, if there is none', [], false, undefined],
  ['who was silent for longest', [one(2), one(1), one(3)], false, 1],
  ['a stranger, whatever it left', [one(1, shared)], false, 1],
  ['who is not here', [one(1, here), one(2)], false, 2],
  ['who is here, if all are', [one(2, here), one(1, here)], false, 1],
  [
    'a stranger rather than who was given something once',
    [one(1, { standing: 'given' }), one(2)],
    false,
    2,
  ],
  [
    'who has given back what it was given',
    [one(1, { standing: 'given' })],
    false,
    1,
  ],
  [
    'not who has something',
    [one(1, { standing: 'given', ...shared })],
    true,
    undefined,
  ],
  ['not who is wanted', [one(1, { standing: 'wanted' })], false, undefined],
  [
    'who is wanted, for another who is',
    [one(1, { standing: 'wanted' })],
    true,
    1,
  ],
  [
    'not who is wanted and shares something',
    [one(1, { standing: 'wanted', ...shared })],
    true,
    undefined,
  ],
])('is %s', (_, known, isWanted, expected) => {
  expect(leastMissed(known, isWanted)).toBe(
    expected === undefined ? undefined : remoteId(expected),
  );
});
