/**
 * A console session at a terminal: a prompt with history and completion. What is
 * a promise is shown again when it settles, above the line that is being typed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { messageOf, printable } from '@ocap/kernel-utils';
import { chooseStyle, type Style } from '../style.ts';
import type { Session } from './session.ts';
import type { Result } from './terminal-session.ts';

const HISTORY_LINES = 1000;

export const runPrompt = async (given: Session): Promise<undefined> => {
  const { session, context, names, stop } = given;
  const style = chooseStyle(context.output.forPeople, context.env);
  const historyPath = join(context.home, 'repl.history');
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: 'ocap> ',
    historySize: HISTORY_LINES,
    history: readHistory(historyPath),
    completer: (line: string, done: Completed) => {
      session.complete(line).then(
        ({ words, of }) => done(null, [words, of]),
        () => done(null, [[], '']),
      );
    },
  });
  lines.on('history', (history: string[]) => {
    // Newest first, as readline keeps it; for its owner's eyes only.
    writeFileSync(historyPath, history.join('\n'), { mode: 0o600 });
  });
  const say = makeSay(lines);
  say(
    names.length === 0
      ? 'no names granted; .grant <name> grants one, .help says more'
      : `granted: ${names.join(', ')}   .help says more`,
  );
  lines.on('line', (line) => {
    if (line.trim().startsWith('.')) {
      void runDot(line.trim(), given, lines, say);
    } else if (line.trim() !== '') {
      void runLine(line, given, style, say);
    }
    lines.prompt();
  });
  stop.addEventListener('abort', () => lines.close());
  lines.on('SIGINT', () => lines.close());
  void session.closed.then(() => lines.close());
  lines.prompt();
  await new Promise<void>((resolve) => {
    lines.once('close', resolve);
  });
  return undefined;
};

type Completed = (error?: null | Error, found?: [string[], string]) => void;

const readHistory = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];

/** Above the prompt, with what is being typed left as it is. */
const makeSay =
  (lines: Interface) =>
  (text: string): void => {
    process.stdout.write(`\r\u001b[K${text}\n`);
    lines.prompt(true);
  };

const runLine = async (
  line: string,
  { session }: Session,
  style: Style,
  say: (text: string) => void,
): Promise<void> => {
  let wasPending = false;
  const result = await session.evaluate(line, () => {
    wasPending = true;
    say(style.dim('… a promise'));
  });
  const text = printable(resultText(result));
  const shown = 'error' in result ? style.red(`✗ ${text}`) : text;
  say(wasPending ? `${style.dim(shorten(line))} → ${shown}` : shown);
};

const resultText = (result: Result): string =>
  'value' in result ? result.value : result.error;
const shorten = (line: string): string =>
  line.length > 30 ? `${line.slice(0, 29)}…` : line;

const help = `Type JavaScript. Results of E(x).method() are shown as they settle; _ is the last one.
  .grant <name>   let the console reach what a petname stands for
  .exit           end (also Ctrl-D); the console and all it had are gone`;

const runDot = async (
  line: string,
  { grant }: Session,
  lines: Interface,
  say: (text: string) => void,
): Promise<void> => {
  const [command, name] = line.split(/\s+/u);
  switch (command) {
    case '.exit':
      lines.close();
      break;
    case '.grant':
      try {
        await grant(name ?? '');
        say(`granted: ${name}`);
      } catch (error) {
        say(`✗ ${messageOf(error)}`);
      }
      break;
    default:
      say(help);
  }
};
