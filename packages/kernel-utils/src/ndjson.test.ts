/** Line framing: every way in which a stream can be cut, and the cap at N and N+1. */
import { describe, expect, it } from 'vitest';
import { encodeLine, makeLineDecoder, type DecodedLines } from './ndjson.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const feed = (
  chunks: readonly Uint8Array[],
  maxLineBytes = 1000,
): DecodedLines[] => {
  const decoder = makeLineDecoder({ maxLineBytes });
  return [...chunks.map((chunk) => decoder.push(chunk)), decoder.end()];
};

const linesOf = (results: readonly DecodedLines[]): string[] =>
  results.flatMap(({ lines }) => lines);

describe('makeLineDecoder', () => {
  it.each<[string, string[], string[]]>([
    ['a line in one chunk', ['{"a":1}\n'], ['{"a":1}']],
    ['a line in two chunks', ['{"a"', ':1}\n'], ['{"a":1}']],
    ['two lines joined', ['{"a"', ':1}\n{"b":2}\n'], ['{"a":1}', '{"b":2}']],
    ['a newline of its own', ['one', '\n', 'two\n'], ['one', 'two']],
    ['empty lines', ['\n\na\n'], ['', '', 'a']],
    ['a last line without a newline', ['a\nb'], ['a', 'b']],
    ['nothing', [''], []],
  ])('yields %s', (_name, chunks, lines) => {
    expect(linesOf(feed(chunks.map(bytes)))).toStrictEqual(lines);
  });

  it('keeps characters whole wherever the chunks are cut', () => {
    const text = 'grüße 👋 日本\nüber\n';
    const whole = bytes(text);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const results = feed([whole.subarray(0, cut), whole.subarray(cut)]);
      expect(linesOf(results)).toStrictEqual(['grüße 👋 日本', 'über']);
    }
  });

  it('does not keep a view of a chunk that its owner reuses', () => {
    const decoder = makeLineDecoder({ maxLineBytes: 100 });
    const chunk = bytes('abc');
    decoder.push(chunk);
    chunk.fill(120);
    expect(decoder.push(bytes('\n')).lines).toStrictEqual(['abc']);
  });

  it.each([
    ['in one chunk', [10]],
    ['in two chunks', [6, 4]],
    ['byte by byte', Array.from({ length: 10 }, () => 1)],
  ])('takes a line of exactly the cap, %s', (_name, sizes) => {
    const chunks = sizes.map((size) => bytes('x'.repeat(size)));
    const results = feed([...chunks, bytes('\n')], 10);
    expect(linesOf(results)).toStrictEqual(['xxxxxxxxxx']);
    expect(results.at(-1)?.problem).toBeUndefined();
  });

  it.each([
    ['complete', [bytes(`ok\n${'x'.repeat(11)}\nmore\n`)]],
    ['not complete', [bytes(`ok\n${'x'.repeat(11)}`)]],
    ['in pieces', [bytes('ok\nxxxxx'), bytes('xxxxx'), bytes('x')]],
  ])('refuses a line of one byte more, %s', (_name, chunks) => {
    const results = feed(chunks, 10);
    expect(linesOf(results)).toStrictEqual(['ok']);
    expect(results.at(-1)?.problem).toBe('too long');
  });

  it('keeps nothing of a line that is too long, however much of it comes', () => {
    const decoder = makeLineDecoder({ maxLineBytes: 1024 * 1024 });
    const chunk = new Uint8Array(64 * 1024).fill(120);
    let most = 0;
    for (let sent = 0; sent < 1600; sent += 1) {
      decoder.push(chunk);
      most = Math.max(most, decoder.heldBytes());
    }
    expect(most).toBe(1024 * 1024);
    expect(decoder.heldBytes()).toBe(0);
    expect(decoder.push(bytes('\n{}\n'))).toStrictEqual({
      lines: [],
      problem: 'too long',
    });
  });

  it('takes a line of 100 MB in chunks of 64 KiB', () => {
    const decoder = makeLineDecoder({ maxLineBytes: 128 * 1024 * 1024 });
    const chunk = new Uint8Array(64 * 1024).fill(120);
    for (let sent = 0; sent < 1600; sent += 1) decoder.push(chunk);
    const { lines } = decoder.push(bytes('\n'));
    expect(lines[0]?.length).toBe(1600 * 64 * 1024);
    expect(decoder.heldBytes()).toBe(0);
  });

  it.each([
    ['a stray continuation byte', [0x61, 0x80, 10]],
    ['a cut character', [0xc3, 10]],
    ['a surrogate', [0xed, 0xa0, 0x80, 10]],
  ])('refuses %s', (_name, raw) => {
    const results = feed([Uint8Array.from([0x61, 10, ...raw])]);
    expect(linesOf(results)).toStrictEqual(['a']);
    expect(results[0]?.problem).toBe('not UTF-8');
  });
});

describe('encodeLine', () => {
  it('writes one line whatever the message holds', () => {
    const message = { text: 'a\nb\u2028\ud800', n: 1 };
    const line = encodeLine(message);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(
      linesOf(feed([bytes(line)])).map((l) => JSON.parse(l)),
    ).toStrictEqual([message]);
  });
});
