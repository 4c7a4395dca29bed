/** JSON-RPC over the kernel: lines in, lines out. */
export type { LogEvent, LogPlace, LogSource } from './log-source.ts';
export { makeRpcEngine, type Rpc, type RpcSession } from './rpc-engine.ts';
export {
  OPERATING_ERROR,
  REJECTED,
  refusal,
  type RpcErrorObject,
} from './rpc-error.ts';
