/** `ocap daemon repl`: a prompt in a vat of its own, which reaches what it was granted. */
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { runPipe } from '../repl/run-pipe.ts';
import { runPrompt } from '../repl/run-prompt.ts';
import { launchConsole } from '../repl/console-subcluster.ts';
import { openTerminalSession } from '../repl/terminal-session.ts';

export const daemonRepl: Command = async ({ words }, context) => {
  const stop = context.catchInterrupt();
  const names = words.length === 0 ? await allNames(context) : words;
  const cluster = await launchConsole(context);
  try {
    for (const name of names) {
      await cluster.grant(name);
    }
    const session = await openTerminalSession(cluster.socketPath);
    try {
      const run = process.stdin.isTTY ? runPrompt : runPipe;
      return await run({ session, context, names, stop, grant: cluster.grant });
    } finally {
      session.close();
    }
  } finally {
    await cluster.end();
  }
};

const allNames = async (context: Context): Promise<readonly string[]> => {
  const entries = (await context.call('listNames', [])) as readonly Readonly<{
    name: string;
  }>[];
  return entries.map(({ name }) => name);
};
