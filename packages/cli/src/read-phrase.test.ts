import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readPhrase } from './read-phrase.ts';

const words = Array.from(
  { length: 24 },
  (_, at) => `word${String.fromCharCode(97 + at)}`,
);
const phrase = words.join(' ');

const makeStreams = (isTTY: boolean) => {
  const output = new PassThrough();
  const abort = new AbortController();
  return {
    input: Object.assign(new PassThrough(), { isTTY }),
    output,
    abort,
    signal: abort.signal,
  };
};

const foundIn = (text: string): readonly string[] =>
  text.match(/word[a-z]/gu) ?? [];

describe('from a pipe', () => {
  it.each([
    ['the words', `${phrase}\n`],
    ['the words on lines', words.join('\n')],
    ['what backup prints', JSON.stringify({ peerId: '12D3', phrase })],
  ])('it is taken from %s', async (_what, text) => {
    const streams = makeStreams(false);
    streams.input.end(text);
    expect(foundIn(await readPhrase(streams))).toStrictEqual(words);
    expect(streams.output.read()).toBeNull();
  });

  it.each(['', '[]', 'null', '{"phrase": 1}', '"text"'])(
    'other things are handed on: %j',
    async (text) => {
      const streams = makeStreams(false);
      streams.input.end(text);
      expect(await readPhrase(streams)).toBe(text);
    },
  );

  it('is not read for ever', async () => {
    const streams = makeStreams(false);
    streams.input.write('x'.repeat(20_000)); // and no end
    expect((await readPhrase(streams)).length).toBeLessThan(50_000);
  });
});

describe('at a prompt', () => {
  it('ends with the last word, on however many lines', async () => {
    const streams = makeStreams(true);
    const shown: string[] = [];
    streams.output.on('data', (chunk) => shown.push(String(chunk)));
    const typed = readPhrase(streams);
    for (let at = 0; at < 24; at += 6) {
      streams.input.write(`${words.slice(at, at + 6).join(' ')}\n`);
    }
    expect(foundIn(await typed)).toStrictEqual(words);
    // Or the program would go on waiting.
    expect(streams.input.isPaused()).toBe(true);
    expect(shown.join('')).toContain('the 24 words');
  });

  it.each([
    [
      'the end of the input',
      (s: ReturnType<typeof makeStreams>) => s.input.end(),
    ],
    ['Ctrl-C', (s: ReturnType<typeof makeStreams>) => s.input.write('\u0003')],
    ['an interrupt', (s: ReturnType<typeof makeStreams>) => s.abort.abort()],
  ])('ends with %s', async (_what, end) => {
    const streams = makeStreams(true);
    const typed = readPhrase(streams);
    streams.input.write('worda\n');
    setTimeout(() => end(streams), 20);
    expect(foundIn(await typed).length).toBeLessThan(24);
  });
});
