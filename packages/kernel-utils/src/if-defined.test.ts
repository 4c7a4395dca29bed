import { expect, it } from 'vitest';
import { ifDefined } from './if-defined.ts';

it.each([
  [{}, {}],
  [{ a: undefined }, {}],
  [{ a: 1, b: undefined }, { a: 1 }],
  [
    { a: null, b: 0, c: '', d: false },
    { a: null, b: 0, c: '', d: false },
  ],
])('leaves of %j what is there: %j (P-33)', (given, left) => {
  expect(ifDefined(given)).toStrictEqual(left);
});
