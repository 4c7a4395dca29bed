import { expect, it } from 'vitest';
import { readHopAnswer } from './hop-status.ts';

const STATUS = [0x08, 2];
const OK = [0x28, 100];
const LIMIT = [0x22, 3, 0x08, 0xe0, 0x01];
const RESERVATION = [0x1a, 2, 0x08, 9];

const message = (...parts: readonly (readonly number[])[]): Uint8Array => {
  const bytes = parts.flat();
  return Uint8Array.from([bytes.length, ...bytes]);
};

it.each([
  ['reserved', message(STATUS, RESERVATION, LIMIT, OK)],
  ['connected', message(STATUS, LIMIT, OK)],
  ['connected', message(OK)],
  ['reservation refused', message(STATUS, [0x28, 0xc8, 0x01])],
  ['denied', message(STATUS, [0x28, 0xca, 0x01])],
  ['circuit refused', message(STATUS, [0x28, 0xcb, 0x01])],
  ['circuit refused', message(STATUS, [0x28, 0xcc, 0x01])],
  ['malformed', message(STATUS, [0x28, 0x90, 0x03])],
  ['malformed', message(STATUS, [0x28, 0x91, 0x03])],
])('reads "%s"', (answer, bytes) => {
  expect(readHopAnswer(bytes)).toBe(answer);
});

it.each([
  ['nothing', Uint8Array.of()],
  ['a message without a status', message(STATUS)],
  ['a status that nobody knows', message(STATUS, [0x28, 99])],
  ['half a message', message(STATUS, OK).subarray(0, 4)],
  ['more than a message', Uint8Array.of(...message(STATUS, OK), 1)],
  ['a length without end', new Uint8Array(20).fill(0xff)],
  ['a field that breaks off', message(STATUS, [0x28, 0xcc])],
  ['a field of another kind', message([0x2d, 1, 2, 3, 4])],
])('reads nothing from %s', (_what, bytes) => {
  expect(readHopAnswer(bytes)).toBeUndefined();
});
