/** A recovery phrase from stdin: typed at a prompt, or piped in as words or as `backup` prints it. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const WORDS = 24;
/** Far more than any phrase. */
const MAX_CHARS = 10_000;

type Streams = Readonly<{
  input: Readable & Readonly<{ isTTY?: boolean }>;
  /** Where the prompt is shown. */
  output: Writable;
  signal: AbortSignal;
}>;

/** What was typed or piped; whether it is a phrase is for others to say. */
export const readPhrase = async (streams: Streams): Promise<string> =>
  streams.input.isTTY === true
    ? readTyped(streams)
    : phraseIn(await readPiped(streams.input));

/** Ends with the 24th word, on however many lines. */
const readTyped = async ({
  input,
  output,
  signal,
}: Streams): Promise<string> => {
  const lines = createInterface({ input, output, signal, terminal: true });
  lines.on('SIGINT', () => lines.close());
  lines.setPrompt('the 24 words: ');
  lines.prompt();
  let typed = '';
  try {
    for await (const line of lines) {
      typed += `${line} `;
      if (countWords(typed) >= WORDS) break;
      lines.prompt();
    }
  } finally {
    // Or it would keep the program waiting for more.
    lines.close();
    input.pause();
  }
  return typed;
};

const countWords = (text: string): number =>
  text.match(/\p{L}+/gu)?.length ?? 0;

const readPiped = async (input: Readable): Promise<string> => {
  let text = '';
  for await (const chunk of input.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_CHARS) break;
  }
  return text;
};

/** The words, or the JSON that `ocap daemon identity backup` prints in a pipe. */
const phraseIn = (text: string): string => {
  try {
    const { phrase } = Object(JSON.parse(text)) as { phrase?: unknown };
    return typeof phrase === 'string' ? phrase : text;
  } catch {
    return text; // Words are not JSON.
  }
};
