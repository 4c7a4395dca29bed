/**
 * Serves the bundles of a folder over HTTP, so that a `bundleSpec` can name
 * them by URL. For development: no encryption, and nobody is asked who they are.
 */
import { once } from 'node:events';
import { realpath, stat } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError } from './cli-error.ts';
import { readServedFile, type Served } from './served-file.ts';

type Options = Readonly<{
  folder: string;
  host: string;
  /** 0 takes any that is free. */
  port: number;
  onAnswer: (answer: Answered) => void;
}>;

export type Answered = Readonly<{
  method: string;
  target: string;
  status: number;
}>;

export type BundleServer = Readonly<{
  /** Without a slash at the end. */
  url: string;
  port: number;
  /** Whether only programs of this machine can reach it. */
  isLoopback: boolean;
  close(): Promise<void>;
}>;

export const openBundleServer = async ({
  folder,
  host,
  port,
  onAnswer,
}: Options): Promise<BundleServer> => {
  const root = await insistFolder(folder);
  let isLoopback = true;
  const server = createServer((request, response) => {
    const { method = '', url: target = '' } = request;
    void answerOf(root, request, isLoopback).then((served) => {
      send(response, served, method);
      onAnswer({ method, target, status: served.status });
    });
  });
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw notListening(error, host, port);
  }
  // A connection that could not be taken (too many open files) is lost alone.
  server.on('error', () => undefined);
  // A string is a pipe, `null` is none: this one listens at a port.
  const bound = server.address() as AddressInfo;
  isLoopback = /^(?:127\.|::1$)/u.test(bound.address);
  return {
    url: `http://${nameOf(bound)}:${bound.port}`,
    port: bound.port,
    isLoopback,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const insistFolder = async (folder: string): Promise<string> => {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) {
      return root;
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new CliError('FILE_UNREADABLE', { path: folder, problem });
  }
  throw new CliError('FILE_UNREADABLE', {
    path: folder,
    problem: 'it is not a folder',
  });
};

type Refusal = Readonly<{ status: 405 | 500; why: string }>;

const answerOf = async (
  root: string,
  { method = '', url = '', headers }: IncomingMessage,
  isLoopback: boolean,
): Promise<Served | Refusal> => {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, why: 'files can only be read here' };
  }
  // A page of the web can make its own name stand for this machine and would
  // then be let to read what it gets: it is told by that name.
  if (isLoopback && !isLocalName(headers.host)) {
    return { status: 403, why: 'this server is for this machine only' };
  }
  try {
    return await readServedFile(root, url);
  } catch {
    return { status: 500, why: 'the file cannot be read' };
  }
};

const isLocalName = (host = 'localhost'): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/iu.test(host);

const send = (
  response: ServerResponse,
  served: Served | Refusal,
  method: string,
): void => {
  const isFile = 'body' in served;
  const body = isFile ? served.body : Buffer.from(`${served.why}\n`);
  response.writeHead(served.status, {
    'content-type': `${isFile ? 'application/json' : 'text/plain'}; charset=utf-8`,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(served.status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(method === 'HEAD' ? undefined : body);
};

/** The address itself: what `localhost` stands for may be another's. */
const nameOf = ({ address, family }: AddressInfo): string => {
  if (['0.0.0.0', '::'].includes(address)) {
    return 'localhost';
  }
  return family === 'IPv6' ? `[${address}]` : address;
};

const notListening = (error: unknown, host: string, port: number): unknown => {
  if (!(error instanceof Error) || !('code' in error)) {
    return error;
  }
  return new CliError('OPTION_WRONG', {
    problem:
      error.code === 'EADDRINUSE'
        ? `port ${port} is taken; --port 0 takes any that is free`
        : `cannot listen at ${host}, port ${port}: ${error.message}`,
  });
};
