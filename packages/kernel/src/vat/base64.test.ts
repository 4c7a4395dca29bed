import { expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';

it.each([0, 1, 2, 3, 0x1fff, 0x2000, 0x2001, 100_000])(
  '%i bytes come back as they were, in the usual alphabet',
  (length) => {
    const bytes = new Uint8Array(length).map((_, at) => at * 7 + (at >> 8));
    const text = encodeBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString('base64'));
    expect(decodeBase64(text)).toStrictEqual(bytes);
  },
);
