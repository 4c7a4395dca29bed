/** Serves a folder's bundles until it is told to stop, and tells who asked for what. */
import { relative } from 'node:path';
import { printable } from '@ocap/kernel-utils';
import { openBundleServer } from './bundle-server.ts';
import { CliError } from './cli-error.ts';
import type { CommandArguments } from './command.ts';
import type { Context } from './context.ts';
import { makeTell } from './tell.ts';

// Where other tools for vats look for bundles, too.
const DEFAULT_PORT = '3000';
const DEFAULT_HOST = '127.0.0.1';

type Options = Readonly<{
  /** Absolute. */
  folder: string;
  /** Has the options --port and --host. */
  args: CommandArguments;
  signal: AbortSignal;
}>;

/** Resolves when the signal fires. */
export const serveBundles = async (
  { cwd, output }: Pick<Context, 'cwd' | 'output'>,
  { folder, args, signal }: Options,
): Promise<void> => {
  const tell = makeTell(output);
  const { url, port, isLoopback, close } = await openBundleServer({
    folder,
    host: args.text('host') ?? DEFAULT_HOST,
    port: portOf(args.text('port') ?? DEFAULT_PORT),
    onAnswer: ({ method, target, status }) =>
      tell.event('request', { method, path: target, status }, (style) => {
        const line = printable(`${method} ${target}  ${status}`);
        return status === 200 ? style.dim(line) : style.yellow(line);
      }),
  });
  try {
    tell.event('serving', { url, port, folder }, (style) =>
      [
        `serving ${relative(cwd, folder) || '.'} at ${style.bold(url)}      Ctrl-C ends it`,
        ...(isLoopback ? [] : ['  whoever reaches this machine can read it']),
        `  in a config:  "bundleSpec": "${url}/<name>.bundle"`,
      ].join('\n'),
    );
    await fired(signal);
  } finally {
    await close();
  }
};

const portOf = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port > 65_535) {
    throw new CliError('OPTION_WRONG', {
      problem: `--port "${text}" is not a port: it is a number up to 65535, or 0 for any that is free`,
    });
  }
  return port;
};

const fired = async (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve());
    if (signal.aborted) resolve();
  });
