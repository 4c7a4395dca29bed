/**
 * What the shell is offered after a command: names that you gave, and vats.
 * Asked of a daemon that runs; none is started for it, and none is waited for.
 */
import type { KernelStatus } from '@ocap/kernel';
import { makeClient, pathsOf, resolveHome } from '@ocap/nodejs/client';
import { commandTree } from './command-tree.ts';
import { isGroup, type CommandEntry } from './command.ts';

const PATIENCE_MS = 500;

type Done = (completions: string[]) => void;

/** Resolves when the shell has been told. */
export const completeWords = async (
  current: string,
  argv: { _: readonly (string | number)[]; home?: unknown },
  offerDefaults: (
    onCompleted?: (error: Error | null, found: string[] | undefined) => void,
  ) => void,
  done: Done,
): Promise<void> => {
  const kind = completesOf(argv._.map(String));
  if (kind === undefined || current.startsWith('-')) {
    offerDefaults();
    return;
  }
  const home = typeof argv.home === 'string' ? argv.home : undefined;
  // No daemon, or a slow one: a shell that completes nothing is the answer.
  const found = await candidates(kind, home).catch(() => []);
  done(found.filter((word) => word.startsWith(current)));
};

/** `words` begins with the program's name, and ends with the word being typed. */
const completesOf = (words: readonly string[]): CommandEntry['completes'] => {
  const typed = words.slice(1, -1);
  let commands = commandTree;
  for (const [at, word] of typed.entries()) {
    const found = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (found === undefined) return undefined;
    if (!isGroup(found)) {
      return at === typed.length - 1 ? found.completes : undefined;
    }
    commands = found.commands;
  }
  return undefined;
};

const candidates = async (
  kind: 'names' | 'names-and-vats',
  wantedHome: string | undefined,
): Promise<string[]> => {
  const { socketPath } = pathsOf(resolveHome(wantedHome));
  const client = makeClient({ socketPath, timeoutMs: PATIENCE_MS });
  try {
    const names = (await client.call('listNames', [])) as { name: string }[];
    const words = names.map(({ name }) => name);
    if (kind === 'names') {
      return words;
    }
    const status = (await client.call('getStatus', [])) as KernelStatus;
    return [
      ...words,
      ...status.subclusters.map(({ id }) => id),
      ...status.vats.map(({ id }) => id),
    ];
  } finally {
    client.close();
  }
};
