/** JSON-RPC over the kernel: lines in, lines out. */
export { makeRpcEngine, type Rpc } from './rpc-engine.ts';
export {
  OPERATING_ERROR,
  REJECTED,
  refusal,
  type RpcErrorObject,
} from './rpc-error.ts';
