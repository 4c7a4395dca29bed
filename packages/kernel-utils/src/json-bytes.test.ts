import { expect, it } from 'vitest';
import { jsonBytes } from './json-bytes.ts';

const everyUnit = Array.from({ length: 0x10000 }, (_, code) =>
  String.fromCharCode(code),
);
const texts = [
  '',
  'plain',
  '"\\/\b\t\n\f\r\u0000\u001f',
  'é中😀',
  'half \ud83d and \ude00, \ude00\ud83d, \ud83d\ud83d\ude00',
  ...everyUnit,
];

it('counts what JSON.stringify writes', () => {
  for (const text of texts) {
    const written = new TextEncoder().encode(JSON.stringify(text)).length - 2;
    expect(jsonBytes(text), JSON.stringify(text)).toBe(written);
  }
});
