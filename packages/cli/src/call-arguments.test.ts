import { describe, expect, it } from 'vitest';
import {
  isName,
  parseCallArgument,
  parseJson,
  parseTarget,
} from './call-arguments.ts';

describe('an argument of a call', () => {
  it.each([
    ['100', 100],
    ['-5', -5],
    ['true', true],
    ['null', null],
    ['alice', 'alice'],
    ['', ''],
    ['two words', 'two words'],
    ['"100"', '100'],
    ['{"a": [1]}', { a: [1] }],
    ['{not json', '{not json'],
    ['@bank', { '@ref': 'bank' }],
    ['@ko12', { '@ref': 'ko12' }],
    ['"@bank"', '@bank'],
  ])('%j means %j', (word, value) => {
    expect(parseCallArgument(word)).toStrictEqual(value);
  });

  it('is refused if it is a reference to nothing', () => {
    expect(() => parseCallArgument('@')).toThrow('After "@" comes a name');
  });
});

describe('a target', () => {
  it.each([
    ['bank', 'bank'],
    ['@bank', 'bank'],
    ['ko4', 'ko4'],
  ])('%s means %s', (word, target) => {
    expect(parseTarget(word)).toBe(target);
  });
});

it('says that JSON is invalid, and which (P-19)', () => {
  expect(() => parseJson('{', 'the params')).toThrow(
    'invalid JSON in the params',
  );
});

it.each([
  ['bank', true],
  ['bank-2.x_y', true],
  ['2bank', false],
  ['ko12', false],
  ['kp7', false],
  ['kopeck', true],
  ['a b', false],
  ['', false],
])('"%s" as a name: %s', (text, is) => {
  expect(isName(text)).toBe(is);
});
