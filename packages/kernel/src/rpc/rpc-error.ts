/**
 * Whatever a request can come to, as the error of its answer. Codes below
 * -32000 are JSON-RPC's own; ours begin at 1000, and `data.code` is what
 * programs should look at.
 */
import { errorCodes, JsonRpcError, rpcErrors } from '@metamask/rpc-errors';
import type { JsonRpcId } from '@metamask/utils';
import {
  kindOf,
  OcapError,
  RejectedError,
  type CapData,
  type Logger,
} from '@ocap/kernel-utils';

/** An operating error: `data.code` says which. */
export const OPERATING_ERROR = 1000;
/** The call was answered with a rejection: `data.capdata` is the reason. */
export const REJECTED = 1001;

export type RpcErrorObject = Readonly<{
  code: number;
  message: string;
  data?: Readonly<{
    code?: string;
    kind?: string;
    path?: string;
    capdata?: CapData;
  }>;
}>;

/** The error as its answer tells it. Defects of ours are told to the log only. */
export const toRpcError = (
  thrown: unknown,
  { method, logger }: Readonly<{ method: string; logger: Logger }>,
): RpcErrorObject => {
  if (thrown instanceof RejectedError) {
    const { code, capdata, message } = thrown;
    const kind = kindOf(code);
    return { code: REJECTED, message, data: { code, kind, capdata } };
  }
  if (thrown instanceof OcapError && thrown.code !== 'INVARIANT') {
    const { code, message } = thrown;
    const kind = kindOf(code);
    return { code: OPERATING_ERROR, message, data: { code, kind } };
  }
  if (thrown instanceof JsonRpcError) {
    const { code, message, data } = thrown as JsonRpcError<
      NonNullable<RpcErrorObject['data']>
    >;
    return { code, message, ...(data === undefined ? {} : { data }) };
  }
  logger.error('A request failed for a reason of our own.', {
    method,
    err: thrown,
  });
  return {
    code: errorCodes.rpc.internal,
    message: 'Internal error. The log of the daemon says more.',
  };
};

/** The answer to what is not even a request, or cannot be read to its end. */
export const refusal = (
  code: 'parse' | 'invalidRequest',
  problem: string,
): string => {
  const { code: number, message } = rpcErrors[code]({ message: problem });
  return encodeFailure(null, { code: number, message });
};

export const encodeFailure = (id: JsonRpcId, error: RpcErrorObject): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error });
