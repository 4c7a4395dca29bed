import 'ses';
import '@endo/eventual-send/shim.js';
import { describe, expect, it } from 'vitest';
import { describeGuard } from './describe-guard.ts';
import { describePattern } from './describe-pattern.ts';

lockdown({
  errorTaming: 'unsafe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe',
});
const { makeMarshal } = await import('@endo/marshal');
const { M } = await import('@endo/patterns');

const { toCapData } = makeMarshal(undefined, undefined, {
  serializeBodyFormat: 'smallcaps',
});
const travel = (value: unknown) => toCapData(harden(value) as never);

describe('a pattern in words', () => {
  it.each<[string, unknown]>([
    ['any', M.any()],
    ['scalar', M.scalar()],
    ['string', M.string()],
    ['string', M.string({ stringLengthLimit: 5 })],
    ['number', M.number()],
    ['nat', M.nat()],
    ['bigint', M.bigint()],
    ['boolean', M.boolean()],
    ['null', M.null()],
    ['undefined', M.undefined()],
    ['undefined', undefined],
    ['remotable', M.remotable()],
    ['Purse', M.remotable('Purse')],
    ['promise', M.promise()],
    ['record', M.record()],
    ['array', M.array()],
    ['record of number', M.recordOf(M.string(), M.number())],
    ['number[]', M.arrayOf(M.number())],
    ['(number | string)[]', M.arrayOf(M.or(M.number(), M.string()))],
    ['set of string', M.setOf(M.string())],
    ['set', M.set()],
    ['map', M.map()],
    ['map of string → number', M.mapOf(M.string(), M.number())],
    ['"a" | "b" | 3 | 4n', M.or('a', 'b', 3, 4n)],
    ['"!odd"', '!odd'],
    ['not "a"', M.not('a')],
    ['≥ 0 & < 10n', M.and(M.gte(0), M.lt(10n))],
    [
      '{ a: number, b?: string, … }',
      M.splitRecord({ a: M.number() }, { b: M.string() }),
    ],
    ['{ a: number }', M.splitRecord({ a: M.number() }, {}, {})],
    ['{ a: number }', { a: M.number() }],
    ['[string, number?]', M.splitArray([M.string()], [M.number()], [])],
    ['[string, 1]', [M.string(), 1]],
    ['undefined | number', M.opt(M.number())],
  ])('%s', (words, pattern) => {
    const { body } = travel(pattern);
    expect(describePattern(JSON.parse(body.slice(1)))).toBe(words);
  });

  it('is how the methods of a guard are told', () => {
    const guard = M.interface('Clerk', {
      openPurse: M.call(M.string())
        .optional(M.nat())
        .returns(M.remotable('Purse')),
      all: M.callWhen(M.await(M.promise()))
        .rest(M.arrayOf(M.string()))
        .returns(),
      raw: M.call(M.raw()).returns(M.any()),
    });
    expect(describeGuard(travel(guard) as never)).toStrictEqual({
      interface: 'Clerk',
      guards: {
        openPurse: '(string, nat?) → Purse',
        all: '(await promise, …string[]) → undefined',
        raw: '(raw) → any',
      },
    });
  });
});
