/** From a request to its result, by what the facet of its connection has. */
import {
  JsonRpcEngineV2,
  type Json,
  type JsonRpcCall,
} from '@metamask/json-rpc-engine/v2';
import { rpcErrors } from '@metamask/rpc-errors';
import type { Facet } from './facets/facet.ts';
import type { RpcRequest } from './request.ts';

export type Dispatch = (
  request: RpcRequest,
) => Promise<Readonly<{ result: unknown; sent?: () => void }>>;

export const makeDispatch = ({
  insistMethod,
  insistCurrent,
}: Facet): Dispatch => {
  const engine = JsonRpcEngineV2.create({
    middleware: [
      async ({ request }: { request: Readonly<JsonRpcCall> }) => {
        insistCurrent();
        const method = insistMethod(request.method);
        if (method.needsId && !('id' in request)) {
          throw rpcErrors.invalidRequest({
            message: `Invalid request: "${request.method}" needs an id`,
          });
        }
        try {
          const result = await method.run(request.params);
          return 'id' in request ? (result as Json) : undefined;
        } finally {
          // An access that has ended meanwhile is told nothing more.
          insistCurrent();
        }
      },
    ],
  });
  return async (request) => {
    const result: unknown = await engine.handle(request as JsonRpcCall);
    const { needsId, answered } = insistMethod(request.method);
    return needsId ? { result, sent: () => answered(result) } : { result };
  };
};
