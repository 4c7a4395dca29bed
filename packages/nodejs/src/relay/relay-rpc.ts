/**
 * The relay's own few methods, spoken like the daemon's: JSON-RPC, one message
 * a line, at a socket that only its owner can reach.
 */
import { refusal, type Rpc } from '@ocap/kernel/rpc';

/** By the method's name; none takes parameters. */
export type RelayMethods = ReadonlyMap<string, () => unknown>;

export const makeRelayRpc = (methods: RelayMethods): Rpc => {
  const handleLine: Rpc['handleLine'] = async (line) => answer(methods, line);
  return {
    handleLine,
    // What it tells it can tell to the end.
    stop: () => undefined,
    connect: (send) => ({
      handleLine: async (line) => {
        const text = answer(methods, line);
        if (text !== undefined) send(text);
      },
      isKept: () => false,
      close: () => undefined,
    }),
  };
};

const METHOD_NOT_FOUND = -32601;

const answer = (methods: RelayMethods, line: string): string | undefined => {
  if (line.trim() === '') return undefined;
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    return refusal('parse', 'Parse error: the line is not JSON');
  }
  if (typeof request !== 'object' || request === null) {
    return refusal('invalidRequest', 'Invalid request: it is not an object');
  }
  if (!('method' in request) || typeof request.method !== 'string') {
    return refusal('invalidRequest', 'Invalid request: it names no method');
  }
  const method = methods.get(request.method);
  if (!('id' in request)) {
    method?.();
    return undefined;
  }
  const { id } = request;
  if (method === undefined) {
    const message = `There is no method "${request.method.slice(0, 100)}". A relay has ${[...methods.keys()].join(', ')}.`;
    const error = { code: METHOD_NOT_FOUND, message };
    return JSON.stringify({ jsonrpc: '2.0', id, error });
  }
  return JSON.stringify({ jsonrpc: '2.0', id, result: method() ?? null });
};
