/**
 * What a running command may use: where it is, how it speaks, and the daemon
 * of the chosen home, which is started when a call needs it.
 */
import { resolve } from 'node:path';
import type { Json } from '@ocap/kernel-utils';
import {
  ensureDaemon,
  makeClient,
  pathsOf,
  resolveHome,
} from '@ocap/nodejs/client';
import type { CapFile } from './cap-file.ts';
import { codeOf } from './describe-failure.ts';
import type { Output } from './output.ts';

type CallOptions = Readonly<{ timeoutMs?: number }>;

export type Context = Readonly<{
  home: string;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  output: Output;
  /**
   * For a command that has something to tidy up: from now on Ctrl-C fires this
   * signal instead of ending the process. It also fires when nobody reads
   * stdout any more.
   */
  catchInterrupt(): AbortSignal;
  /** Calls the daemon, and starts it first if none runs. */
  call(method: string, params: Json, options?: CallOptions): Promise<unknown>;
  /** Calls the daemon if one runs; `undefined` if none does. */
  callIfRunning(
    method: string,
    params: Json,
    options?: CallOptions,
  ): Promise<unknown>;
}>;

type Parts = Pick<Context, 'cwd' | 'env' | 'output' | 'catchInterrupt'> &
  Readonly<{
    home: string | undefined;
    /** A file with the access that it acts with; by default it is the owner. */
    cap: string | undefined;
  }>;

const CALL_TIMEOUT_MS = 30_000;

/** `close` ends the connection, so that the process can end by itself. */
export const openContext = async ({
  home: wantedHome,
  cap,
  ...parts
}: Parts): Promise<Context & Readonly<{ close(): void }>> => {
  const given = cap === undefined ? undefined : await loadCap(parts.cwd, cap);
  const home = resolveHome(wantedHome ?? given?.home);
  const { socketPath } = pathsOf(home);
  const client = makeClient({
    socketPath,
    timeoutMs: CALL_TIMEOUT_MS,
    ...(given !== undefined && { token: given.token }),
  });
  return {
    ...parts,
    home,
    call: async (method, params, options) => {
      try {
        return await client.call(method, params, options);
      } catch (error) {
        // To start a daemon is no part of any access.
        if (!isNotRunning(error) || given !== undefined) {
          throw error;
        }
        await ensureDaemon({ home });
        return client.call(method, params, options);
      }
    },
    callIfRunning: async (method, params, options) => {
      try {
        return await client.call(method, params, options);
      } catch (error) {
        if (isNotRunning(error)) {
          return undefined;
        }
        throw error;
      }
    },
    close: () => client.close(),
  };
};

const loadCap = async (
  cwd: string,
  path: string,
): Promise<Pick<CapFile, 'home' | 'token'>> =>
  (await import('./cap-file.ts')).readCapFile(resolve(cwd, path));

/**
 * Nobody listens at the socket, or only one who is about to leave: so the request
 * has had no effect.
 */
const isNotRunning = (error: unknown): boolean =>
  error instanceof Error && absent.has(codeOf(error));

const absent: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'SHUTTING_DOWN',
]);
