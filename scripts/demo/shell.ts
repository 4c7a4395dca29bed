/** A shell for the demo: shows each command and what it says, and insists on it. */
import { isDeepStrictEqual } from 'node:util';
import type { Home } from '../../test/support/home.ts';

/** A step that did not do what it must; its message says which. */
export class WrongOutput extends Error {}

export const title = (text: string): void => console.log(`\n# ${text}\n`);

/** A string is shown as a terminal would show it, everything else as JSON. */
const render = (output: string): string => {
  const value: unknown = JSON.parse(output);
  return typeof value === 'string' ? value : output.trimEnd();
};

const quote = (word: string): string =>
  /^[\w@./,:=-]+$/u.test(word) ? word : `'${word}'`;

export type Shell = Readonly<{
  /** Runs `ocap …words`, which must succeed, and shows it. */
  ocap(...words: (string | number)[]): Promise<unknown>;
  /** The same for `ocap call …words`, which must answer `expected`. */
  call(expected: unknown, ...words: (string | number)[]): Promise<void>;
  /** A call that must be refused with a message that contains `reason`. */
  refused(reason: string, ...words: (string | number)[]): Promise<void>;
  killDaemon(): Promise<void>;
}>;

export const makeShell = (home: Home, prompt = '$'): Shell => {
  const run = async (
    words: readonly (string | number)[],
  ): ReturnType<Home['ocap']> => {
    const args = words.map(String);
    console.log(`${prompt} npx ocap ${args.map(quote).join(' ')}`);
    const ended = await home.ocap(args);
    if (ended.stdout !== '') console.log(render(ended.stdout));
    if (ended.stderr !== '') console.log(ended.stderr.trimEnd());
    return ended;
  };

  const ocap: Shell['ocap'] = async (...words) => {
    const { code, stdout } = await run(words);
    if (code !== 0) throw new WrongOutput(`it ended with exit code ${code}`);
    return stdout === '' ? undefined : JSON.parse(stdout);
  };

  return {
    ocap,
    call: async (expected, ...words) => {
      const answer = await ocap('call', ...words);
      if (!isDeepStrictEqual(answer, expected)) {
        throw new WrongOutput(`the answer must be ${JSON.stringify(expected)}`);
      }
    },
    refused: async (reason, ...words) => {
      const { code, stderr } = await run(['call', ...words]);
      if (code === 0 || !stderr.includes(reason)) {
        throw new WrongOutput(`this must be refused: "${reason}"`);
      }
    },
    killDaemon: async () => {
      console.log(`${prompt} kill -9 $(cat $OCAP_HOME/daemon.pid)`);
      if (home.daemonPid() === undefined) {
        throw new WrongOutput('there is no daemon to kill');
      }
      await home.killDaemon('SIGKILL');
    },
  };
};
