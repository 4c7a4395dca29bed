/** The OpenRPC document of the method table, so that a client can be generated from it. */
import { z } from 'zod';
import type { RpcMethod } from './method.ts';

const OPEN_RPC_VERSION = '1.3.2';

// The output side: on the input side of a preprocessed schema stands "anything".
const schemaOf = (schema: z.ZodType): object => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    unrepresentable: 'any',
  });
  return rest;
};

/** `version` is the API's: it changes when a method does. */
export const makeOpenRpcDocument = (
  methods: readonly RpcMethod[],
  version: string,
): object => ({
  openrpc: OPEN_RPC_VERSION,
  info: { title: 'ocap daemon', version },
  methods: methods.map(({ name, summary, params, result }) => ({
    name,
    summary,
    paramStructure: 'either',
    params: Object.entries(params.shape).map(([param, schema]) => ({
      name: param,
      required: !(schema as z.ZodType).safeParse(undefined).success,
      schema: schemaOf(schema as z.ZodType),
    })),
    result: { name: 'result', schema: schemaOf(result) },
  })),
});
