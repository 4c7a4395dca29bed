import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { phraseOf, seedOf } from './recovery-phrase.ts';

const repeat = (words: string, times: number): string =>
  Array.from({ length: times }, () => words).join(' ');

/** Of the test vectors that BIP-39 names. */
const vectors = [
  ['00', `${repeat('abandon', 23)} art`],
  ['ff', `${repeat('zoo', 23)} vote`],
  [
    '7f',
    `${repeat('legal winner thank year wave sausage worth useful', 2)} legal winner thank year wave sausage worth title`,
  ],
  [
    '80',
    `${repeat('letter advice cage absurd amount doctor acoustic avoid', 2)} letter advice cage absurd amount doctor acoustic bless`,
  ],
] as const;

const [[, abandon]] = vectors;

describe('a recovery phrase', () => {
  it.each(vectors)('of 32 times %s is that of BIP-39', (byte, phrase) => {
    const seed = Buffer.from(byte.repeat(32), 'hex');
    expect(phraseOf(seed)).toBe(phrase);
    expect(seedOf(phrase)).toStrictEqual(seed);
  });

  it('gives every key back', () => {
    for (let round = 0; round < 100; round += 1) {
      const seed = randomBytes(32);
      expect(seedOf(phraseOf(seed))).toStrictEqual(seed);
    }
  });

  it.each([
    ['in capitals', abandon.toUpperCase()],
    ['on several lines', `\n  ${abandon.replaceAll(' ', '\r\n\t')}\n`],
    [
      'with numbers before its words',
      abandon
        .split(' ')
        .map((word, at) => `${at + 1}. ${word}`)
        .join('   '),
    ],
    ['with commas', abandon.replaceAll(' ', ', ')],
  ])('is read also %s', (_how, text) => {
    expect(seedOf(text)).toStrictEqual(Buffer.alloc(32));
  });

  it.each([
    ['nothing', '', 'it has 0 words, not 24'],
    ['one word', 'abandon', 'it has 1 word, not 24'],
    ['too few words', repeat('abandon', 23), 'it has 23 words, not 24'],
    ['too many words', `${abandon} art`, 'it has 25 words, not 24'],
    [
      'a phrase of twelve words',
      `${repeat('abandon', 11)} about`,
      'it has 12 words',
    ],
    ['a wrong checksum', repeat('abandon', 24), 'its checksum is not right'],
    [
      'words in another order',
      `art ${repeat('abandon', 23)}`,
      'its checksum is not right',
    ],
  ])('is not made of %s', (_what, text, problem) => {
    expect(() => seedOf(text)).toThrow(problem);
  });

  it('that has a word too many tells where, and not which', () => {
    const wrong = abandon.replace('abandon abandon', 'abandon sesame');
    const refusal = expect.objectContaining({
      code: 'PHRASE_INVALID',
      message: expect.stringMatching(
        /^(?!.*sesame).*word 2 is not one of the list/u,
      ) as string,
    }) as Error;
    expect(() => seedOf(wrong)).toThrow(refusal);
  });
});
