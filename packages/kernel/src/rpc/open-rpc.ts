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

/** What of a method is told. */
export type DescribedMethod = Pick<
  RpcMethod,
  'name' | 'summary' | 'params' | 'result'
>;

/** `version` is the API's: it changes when a method does. */
export const makeOpenRpcDocument = (
  methods: readonly DescribedMethod[],
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
      required: (schema as z.ZodType)._zod.optin !== 'optional',
      schema: schemaOf(schema as z.ZodType),
    })),
    result: { name: 'result', schema: schemaOf(result) },
  })),
});
