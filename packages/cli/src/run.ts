/**
 * One run of the command line: parse, act, answer, and the exit code as the
 * result. Nothing here ends the process, so that all output is drained.
 */
import { describeFailure } from './describe-failure.ts';
import { isUsageError } from './cli-error.ts';
import { makeCommandArguments } from './command.ts';
import { openContext } from './context.ts';
import { makeOutput, type Terminal } from './output.ts';
import type { Request } from './parser.ts';
import { parsePlainWords } from './plain-words.ts';

export type Surroundings = Readonly<{
  stdout: Terminal;
  stderr: Terminal;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  catchInterrupt(): AbortSignal;
}>;

export const run = async (
  argv: readonly string[],
  { stdout, stderr, env, cwd, catchInterrupt }: Surroundings,
): Promise<number> => {
  // Before the options are known, a failure to parse them has to be told too.
  const wantsJson = argv.includes('--json');
  const output = makeOutput({ stdout, stderr, env, json: wantsJson });
  try {
    const request = parsePlainWords(argv) ?? (await parseWithYargs(argv));
    if (request === undefined) {
      return 0;
    }
    const args = makeCommandArguments(request.words, request.options);
    const home = args.text('home');
    const context = await openContext({
      home,
      cap: args.text('cap'),
      cwd,
      env,
      output,
      catchInterrupt,
    });
    try {
      const command = await request.load();
      const answer = await command(args, context);
      if (answer !== undefined) {
        output.answer(answer);
      }
      return answer?.exitCode ?? 0;
    } finally {
      context.close();
    }
  } catch (error) {
    output.fail(describeFailure(error));
    return isUsageError(error) ? 2 : 1;
  }
};

const parseWithYargs = async (
  argv: readonly string[],
): Promise<Request | undefined> =>
  (await import('./parser.ts')).parseCommandLine(argv);
