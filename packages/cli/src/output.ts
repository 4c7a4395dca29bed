/**
 * The one way to stdout and stderr. On a terminal an answer is text for people;
 * in a pipe, or with `--json`, it is one JSON value and nothing else.
 */
import type { Writable } from 'node:stream';
import { printable } from '@ocap/kernel-utils';
import { chooseStyle, type Style } from './style.ts';

/** What a command has to say, in both languages. Empty text prints nothing. */
export type Answer = Readonly<{
  json: unknown;
  text: (style: Style) => string;
  /** Where the command has an answer, but not a good one. */
  exitCode?: number;
  /** What a person should know besides; shown on stderr, not with `--json`. */
  notes?: readonly string[];
  /** Everything has been written already. */
  silent?: true;
}>;

/** A failure in both languages: `lines` after the first are hints. */
export type Failure = Readonly<{
  lines: readonly string[];
  json: Readonly<Record<string, unknown>>;
}>;

export type Terminal = Writable & { readonly isTTY?: boolean };

export type Output = Readonly<{
  /** Whether a person reads stdout. */
  forPeople: boolean;
  answer(answer: Answer): void;
  /** A part of a stream (logs), written as it is. */
  write(text: string): void;
  fail(failure: Failure): void;
  /** What takes a while, shown while it does; only where a person looks on. */
  progress(text: string): void;
}>;

type Options = Readonly<{
  stdout: Terminal;
  stderr: Terminal;
  json: boolean;
  env: Readonly<Record<string, string | undefined>>;
}>;

export const makeOutput = ({ stdout, stderr, json, env }: Options): Output => {
  const forPeople = !json && stdout.isTTY === true;
  const style = chooseStyle(stdout.isTTY === true, env);
  const errorStyle = chooseStyle(stderr.isTTY === true, env);
  let progressShown = false;
  const clearProgress = (): void => {
    if (progressShown) {
      stderr.write('\r\u001b[K');
      progressShown = false;
    }
  };
  return {
    forPeople,
    answer: (answer) => {
      clearProgress();
      if (answer.silent === true) {
        return;
      }
      const text = forPeople
        ? answer.text(style)
        : JSON.stringify(answer.json ?? null);
      if (text !== '') {
        stdout.write(`${text}\n`);
      }
      for (const note of json ? [] : (answer.notes ?? [])) {
        stderr.write(noteText(note, errorStyle));
      }
    },
    write: (text) => {
      stdout.write(text);
    },
    fail: ({ lines, json: details }) => {
      clearProgress();
      stderr.write(
        json
          ? `${JSON.stringify({ error: details })}\n`
          : failureText(lines, errorStyle),
      );
    },
    progress: (text) => {
      if (stderr.isTTY === true && !json) {
        clearProgress();
        stderr.write(errorStyle.dim(printable(text)));
        progressShown = true;
      }
    },
  };
};

/** Lines after the first are hints. */
const noteText = (note: string, style: Style): string => {
  const [first = '', ...hints] = printable(note).split('\n');
  return `${style.yellow('!')} ${first}\n${hints.map((hint) => `  ${hint}\n`).join('')}`;
};

/** Messages may quote what a vat said, so they are made safe for a terminal. */
const failureText = (lines: readonly string[], style: Style): string => {
  const [first = '', ...hints] = lines.flatMap((line) =>
    printable(line).split('\n'),
  );
  return `${style.red('✗')} ${first}\n${hints.map((hint) => `  ${hint}\n`).join('')}`;
};
