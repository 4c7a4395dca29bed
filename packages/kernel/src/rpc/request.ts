/**
 * One line of the socket becomes a JSON-RPC request here, and only here. What
 * can be refused without the kernel is: text that is not JSON, JSON that is too
 * deep, batches, and whatever is not a request.
 */
import { rpcErrors } from '@metamask/rpc-errors';
import { hasProperty, isObject, type JsonRpcId } from '@metamask/utils';
import { boundExceeded, type LimitValues } from '@ocap/kernel-utils';

export type RpcRequest = Readonly<{
  jsonrpc: '2.0';
  /** Absent in a notification, which gets no answer. */
  id?: JsonRpcId;
  method: string;
  params?: Record<string, unknown> | unknown[];
}>;

const invalid = (problem: string): Error =>
  rpcErrors.invalidRequest({ message: `Invalid request: ${problem}` });

export type RequestBounds = Pick<LimitValues, 'nestingLevels' | 'requestParts'>;

/**
 * Looks at the text first, because reading it, and walking what was read (also
 * the engine, which freezes it), costs by what it consists of.
 * @throws -32700 or -32600
 */
export const parseJson = (
  line: string,
  { nestingLevels: levels, requestParts: parts }: RequestBounds,
): unknown => {
  // A short line is neither deep nor rich; this spares the hot path the second look.
  const bound =
    line.length > Math.min(levels, parts)
      ? boundExceeded(line, { levels, parts })
      : undefined;
  if (bound === 'levels') throw invalid(`nested deeper than ${levels} levels`);
  if (bound === 'parts') throw invalid(`more than ${parts} values and keys`);
  try {
    return JSON.parse(line);
  } catch {
    throw rpcErrors.parse({ message: 'Parse error: the line is not JSON' });
  }
};

const isId = (value: unknown): value is JsonRpcId =>
  value === null || typeof value === 'string' || Number.isFinite(value);

/** The id that an answer to `message` carries, as far as it has a usable one. */
export const idOf = (message: unknown): JsonRpcId =>
  isObject(message) && hasProperty(message, 'id') && isId(message['id'])
    ? message['id']
    : null;

/**
 * By hand: `isJsonRpcRequest` of @metamask/utils takes 5 µs for a small request
 * and walks all of the parameters to see whether they are JSON, which what came
 * out of `JSON.parse` always is. This takes 0.1 µs.
 * @throws -32600
 */
export const insistRequest = (message: unknown): RpcRequest => {
  if (Array.isArray(message)) {
    throw invalid('batches are not supported; send one request a line');
  }
  if (!isObject(message)) throw invalid('a request is an object');
  const own = (key: string): unknown =>
    hasProperty(message, key) ? message[key] : undefined;
  const method = own('method');
  const params = own('params');
  if (own('jsonrpc') !== '2.0') throw invalid('"jsonrpc" must be "2.0"');
  if (typeof method !== 'string') throw invalid('"method" must be a string');
  if (hasProperty(message, 'id') && !isId(message['id'])) {
    throw invalid('"id" must be a string, a number or null');
  }
  if (params !== undefined && !Array.isArray(params) && !isObject(params)) {
    throw invalid('"params" must be an array or an object');
  }
  return {
    jsonrpc: '2.0',
    method,
    ...(hasProperty(message, 'id') ? { id: idOf(message) } : {}),
    ...(params === undefined ? {} : { params: params as unknown[] }),
  };
};
