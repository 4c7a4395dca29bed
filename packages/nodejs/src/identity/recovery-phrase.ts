/**
 * The key of a daemon as 24 English words (BIP-39), to be kept on paper. The
 * words are the 32 bytes themselves and a checksum: nothing is derived from them.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english';
import { DaemonError } from '../client/errors.ts';

const WORDS = 24;
const known: ReadonlySet<string> = new Set(wordlist);

export const phraseOf = (seed: Uint8Array): string =>
  entropyToMnemonic(seed, wordlist);

/**
 * In any case, with any numbers, marks and line breaks between the words.
 * @throws PHRASE_INVALID, which never repeats a word
 */
export const seedOf = (phrase: string): Buffer => {
  const words = wordsOf(phrase);
  const refuse = (problem: string): never => {
    throw new DaemonError('PHRASE_INVALID', { problem });
  };
  const unknown = words.findIndex((word) => !known.has(word));
  if (unknown >= 0) {
    refuse(`word ${unknown + 1} is not one of the list of BIP-39`);
  }
  if (words.length !== WORDS) {
    const count = words.length === 1 ? '1 word' : `${words.length} words`;
    refuse(`it has ${count}, not ${WORDS}`);
  }
  try {
    return Buffer.from(mnemonicToEntropy(words.join(' '), wordlist));
  } catch {
    return refuse(
      'its checksum is not right: a word is another one, or in another place',
    );
  }
};

const wordsOf = (phrase: string): readonly string[] =>
  phrase
    .normalize('NFKD')
    .toLowerCase()
    .match(/\p{L}+/gu) ?? [];
