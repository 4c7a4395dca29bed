/** `ocap daemon exec`: one JSON-RPC call, its result as JSON. */
import type { Json } from '@ocap/kernel-utils';
import { withAbsoluteSpecs } from '@ocap/nodejs/absolute-specs';
import { parseJson } from '../call-arguments.ts';
import type { Command } from '../command.ts';

export const daemonExec: Command = async ({ words }, context) => {
  const [method = 'getStatus', text] = words;
  // Parsed before anything else: with bad JSON no daemon is even started.
  const params = text === undefined ? [] : parseJson(text, 'the params');
  const result = await context.call(
    method,
    withAbsoluteSpecs(params, context.cwd) as Json,
  );
  return {
    json: result,
    text: () => JSON.stringify(result, null, 2),
  };
};
