/** What comes from the socket is checked by hand: a schema library would double the start of the CLI. */
import { DaemonError } from './errors.ts';

type RpcFailure = Readonly<{ code: number; message: string; data?: unknown }>;

export type RpcResponse =
  | Readonly<{ id: number; result: unknown }>
  | Readonly<{ id: number | null; error: RpcFailure }>;

/** What the daemon says unasked. */
export type RpcNotification = Readonly<{
  method: string;
  params: Readonly<Record<string, unknown>>;
}>;

const invalid = (problem: string): DaemonError =>
  new DaemonError('INVALID_RESPONSE', { problem });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFailure = (value: unknown): value is RpcFailure =>
  isRecord(value) &&
  Number.isInteger(value['code']) &&
  typeof value['message'] === 'string';

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    throw invalid('it is not JSON');
  }
};

/** @throws INVALID_RESPONSE */
export const parseMessage = (line: string): RpcResponse | RpcNotification => {
  const message = parse(line);
  if (!isRecord(message)) throw invalid('it is not an object');
  const { jsonrpc, id, error, method, params } = message;
  if (jsonrpc !== '2.0') throw invalid('it is not JSON-RPC 2.0');
  if (typeof method === 'string') {
    if (!isRecord(params)) throw invalid('its notification has no parameters');
    return { method, params };
  }
  const hasResult = Object.hasOwn(message, 'result');
  if (hasResult === Object.hasOwn(message, 'error')) {
    throw invalid('it needs either a result or an error');
  }
  if (hasResult) {
    if (typeof id !== 'number') throw invalid('its id is not one of ours');
    return { id, result: message['result'] };
  }
  if (!isFailure(error)) throw invalid('its error has no code and message');
  if (id !== null && typeof id !== 'number') {
    throw invalid('its id is not one of ours');
  }
  return { id, error };
};
