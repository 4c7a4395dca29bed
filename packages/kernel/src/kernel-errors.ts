/**
 * Rejections that the kernel itself makes, as CapData that any vat can read:
 * an Error whose message ends with the code in parentheses.
 */
import type { CapData, KRef, OcapError } from '@ocap/kernel-utils';

export const rejectionOf = (error: OcapError): CapData<KRef> => ({
  // Smallcaps, as `@endo/marshal` writes an Error without an id. Messages of
  // ours begin with a letter, so the string needs no escape.
  body: `#${JSON.stringify({ '#error': `${error.message} (${error.code})`, name: 'Error' })}`,
  slots: [],
});

/** The text of a rejection, for people: the message if it is an Error. */
export const problemOf = ({ body }: CapData): string => {
  try {
    const value: unknown = JSON.parse(body.slice(1));
    if (typeof value === 'string') {
      return value;
    }
    if (typeof value === 'object' && value !== null && '#error' in value) {
      return String(value['#error']);
    }
  } catch {
    // Not smallcaps: shown as it is.
  }
  return body;
};
