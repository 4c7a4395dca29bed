/**
 * Rejections that the kernel itself makes, as CapData that any vat can read:
 * an Error whose message ends with the code in parentheses.
 */
import {
  decodedToText,
  decodeSmallcaps,
  type CapData,
  type KRef,
  type OcapError,
} from '@ocap/kernel-utils';
import { decodingProblem } from './readable-data.ts';

export const rejectionOf = ({ message, code }: OcapError): CapData<KRef> =>
  rejectionWith(`${message} (${code})`);

export const rejectionWith = (message: string): CapData<KRef> => ({
  // Smallcaps, as `@endo/marshal` writes an Error without an id.
  body: `#${JSON.stringify({ '#error': escaped(message), name: 'Error' })}`,
  slots: [],
});

/** The text of a rejection, for people: the message if it is an Error. */
export const problemOf = (reason: CapData): string => {
  if (decodingProblem(reason) !== undefined) {
    return reason.body; // nobody reads it anyway
  }
  try {
    const decoded = decodeSmallcaps(reason);
    return decoded.style === 'error' ? decoded.message : decodedToText(decoded);
  } catch {
    return reason.body; // Not smallcaps, as a compromised host may have written it.
  }
};

/** Strings that begin with one of ! " # $ % & ' ( ) * + , - mean something else in smallcaps. */
const escaped = (text: string): string =>
  /^[!-\-]/u.test(text) ? `!${text}` : text;
