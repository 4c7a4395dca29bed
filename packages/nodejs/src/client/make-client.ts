/**
 * A client of one daemon: one connection, opened by the first call, with any
 * number of calls in flight. Uses nothing but sockets, so that the CLI starts
 * fast.
 */
import { encodeLine } from '@ocap/kernel-utils';
import {
  makeClientSubscriptions,
  type ClientSubscriptions,
} from './client-subscriptions.ts';
import { DaemonError, RpcError } from './errors.ts';
import { openAuthorized } from './open-authorized.ts';
import {
  openConnection,
  type Connection,
  type Ending,
} from './open-connection.ts';
import type { RpcNotification, RpcResponse } from './response.ts';

const CALL_TIMEOUT_MS = 30_000;
/** Whether a daemon is alive should be known sooner than what it has to say. */
export const PING_TIMEOUT_MS = 3_000;
const RETRY_DELAY_MS = 100;

export type Client = Readonly<{
  /** Rejects with an `RpcError` (the daemon's answer) or a `DaemonError`. */
  call(
    method: string,
    params?: unknown,
    options?: Readonly<{ timeoutMs?: number }>,
  ): Promise<unknown>;
  /**
   * Tells of events until it is closed, and keeps the program running as long.
   * Resolves once the daemon has agreed; rejects as a call does. Where the
   * connection is lost later, it goes on with the next daemon from where it was.
   */
  subscribe: ClientSubscriptions['subscribe'];
  /** Closes the connection; calls in flight reject, subscriptions end. */
  close(): void;
}>;

type Call = {
  readonly method: string;
  readonly line: string;
  readonly timer: NodeJS.Timeout;
  /** It was sent on a connection that broke, and is sent only once more. */
  attempt: 'first' | 'waiting' | 'second';
  resolve(result: unknown): void;
  reject(error: Error): void;
};

type ClientOptions = Readonly<{
  socketPath: string;
  /** For calls that do not say otherwise; 30 s by default, and at most 3 s for `ping`. */
  timeoutMs?: number;
  /** Of an access: each connection is that before anything is asked on it. */
  token?: string;
}>;

type RequestOptions = Pick<Call, 'resolve' | 'reject'> &
  Readonly<{ ms?: number }>;

export const makeClient = ({
  socketPath,
  timeoutMs = CALL_TIMEOUT_MS,
  token,
}: ClientOptions): Client => {
  const calls = new Map<number, Call>();
  let connection: Connection | undefined;
  let lastId = 0;
  let closed = false;

  // An idle connection should not keep its program running.
  const hold = (): void =>
    connection?.hold(calls.size > 0 || subscriptions.any());

  const settle = (id: number): Call | undefined => {
    const call = calls.get(id);
    calls.delete(id);
    clearTimeout(call?.timer);
    hold();
    return call;
  };

  const onResponse = (response: RpcResponse): void => {
    if ('result' in response) {
      settle(response.id)?.resolve(response.result);
      return;
    }
    const { code, message, data } = response.error;
    // Without an id it is about the connection: it means all of them.
    const ids = response.id === null ? [...calls.keys()] : [response.id];
    for (const id of ids) settle(id)?.reject(new RpcError(code, message, data));
  };

  const onEnd = ({ errorFor, mayRetry }: Ending): void => {
    connection = undefined;
    for (const [id, call] of calls) {
      if (mayRetry && call.attempt === 'first') call.attempt = 'waiting';
      else settle(id)?.reject(errorFor(call.method));
    }
    if (calls.size > 0) setTimeout(resend, RETRY_DELAY_MS);
    subscriptions.onLost();
  };

  const resend = (): void => {
    for (const call of calls.values()) {
      if (call.attempt !== 'waiting') continue;
      call.attempt = 'second';
      send(call.line);
    }
  };

  const connect = (): Connection => {
    const options = {
      socketPath,
      onResponse,
      onNotification: ({ method, params }: RpcNotification) => {
        if (method === 'event') subscriptions.onEvent(params);
      },
      onEnd,
    };
    return token === undefined
      ? openConnection(options)
      : openAuthorized({ ...options, token, onRefused });
  };

  /** The connection is closed; the next call tries it with another. */
  const onRefused = (error: RpcError): void => {
    connection = undefined;
    for (const id of calls.keys()) settle(id)?.reject(error);
  };

  const send = (line: string): void => {
    connection ??= connect();
    connection.hold(true);
    connection.send(line);
  };

  const request = (
    method: string,
    params: unknown,
    { resolve, reject, ms = timeoutMs }: RequestOptions,
  ): void => {
    if (closed) {
      reject(new DaemonError('CLIENT_CLOSED'));
      return;
    }
    lastId += 1;
    const id = lastId;
    const line = encodeLine({ jsonrpc: '2.0', id, method, params });
    const timer = setTimeout(() => {
      const details = { method, seconds: ms / 1000 };
      settle(id)?.reject(new DaemonError('CALL_TIMEOUT', details));
    }, ms);
    calls.set(id, { method, line, timer, attempt: 'first', resolve, reject });
    send(line);
  };
  const subscriptions = makeClientSubscriptions(request);

  const call: Client['call'] = async (method, params = [], options = {}) => {
    const most = method === 'ping' ? PING_TIMEOUT_MS : timeoutMs;
    const ms = options.timeoutMs ?? Math.min(most, timeoutMs);
    return new Promise((resolve, reject) => {
      request(method, params, { resolve, reject, ms });
    });
  };

  return {
    call,
    subscribe: subscriptions.subscribe,
    close: () => {
      closed = true;
      subscriptions.close();
      connection?.close();
      connection = undefined;
      for (const id of calls.keys()) {
        settle(id)?.reject(new DaemonError('CLIENT_CLOSED'));
      }
    },
  };
};
