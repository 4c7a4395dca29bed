/**
 * A connection that is what a token is for before anything is asked on it. That
 * is waited for: a daemon that knows nothing of tokens must not be asked for
 * anything with all that its socket gives.
 */
import { encodeLine } from '@ocap/kernel-utils';
import { RpcError } from './errors.ts';
import {
  openConnection,
  type Connection,
  type ConnectionOptions,
} from './open-connection.ts';

/** Those of calls begin with 1. */
const AUTHORIZE_ID = 0;

type Options = ConnectionOptions &
  Readonly<{
    token: string;
    /** Instead of whatever was to be asked; the connection is closed. */
    onRefused(error: RpcError): void;
  }>;

export const openAuthorized = ({
  token,
  onRefused,
  onResponse,
  ...rest
}: Options): Connection => {
  let waiting: string[] | undefined = [];
  const connection = openConnection({
    ...rest,
    onResponse: (response) => {
      if (waiting === undefined || response.id !== AUTHORIZE_ID) {
        onResponse(response);
        return;
      }
      if ('error' in response) {
        const { code, message, data } = response.error;
        connection.close();
        onRefused(new RpcError(code, message, data));
        return;
      }
      const lines = waiting;
      waiting = undefined;
      lines.forEach(connection.send);
    },
  });
  connection.send(
    encodeLine({
      jsonrpc: '2.0',
      id: AUTHORIZE_ID,
      method: 'authorize',
      params: { token },
    }),
  );
  return {
    ...connection,
    send: (line) => {
      if (waiting === undefined) connection.send(line);
      else waiting.push(line);
    },
  };
};
