/** Turns the words of a `call` into arguments, and JSON texts into values. */
import type { Json } from '@ocap/kernel-utils';
import { CliError } from './cli-error.ts';

/**
 * `@bank` is a reference, what parses as JSON is that value, and any other
 * word is a string: `alice`, `'"100"'` (the string), `100`, `'{"a": 1}'`.
 */
export const parseCallArgument = (word: string): Json => {
  if (word.startsWith('@')) {
    if (word === '@') {
      throw new CliError('REF_EMPTY');
    }
    return { '@ref': word.slice(1) };
  }
  try {
    return JSON.parse(word) as Json;
  } catch {
    return word; // Not JSON, hence a string: that is the rule, not a failure.
  }
};

/** The target of a call; the `@` of a reference may stand before it. */
export const parseTarget = (word: string): string => {
  const target = word.startsWith('@') ? word.slice(1) : word;
  if (target === '') {
    throw new CliError('REF_EMPTY');
  }
  return target;
};

/** Parses before anything is sent or started. `what` names the text in the error. */
export const parseJson = (text: string, what: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new CliError('JSON_INVALID', {
      what,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
};

const nameForm = /^[A-Za-z][A-Za-z0-9._-]*$/u;
const refForm = /^k[op]\d+$/u;

export const isName = (text: string): boolean =>
  nameForm.test(text) && !refForm.test(text);
