/** What a request came to, as text that a pattern can be held against. */
import { RpcError } from '@ocap/nodejs/client';
import { messageOf, type Json } from '@ocap/kernel-utils';
import type { Fact } from './facts.ts';

/** The code of the refusal and its message, or the answer as JSON. */
export const outcomeOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    (value) => `answered ${JSON.stringify(value)}`,
    (thrown: unknown) =>
      thrown instanceof RpcError
        ? `${thrown.code} ${String((thrown.data as { code?: string } | undefined)?.code)} ${thrown.message}`
        : `lost: ${messageOf(thrown)}`,
  );

export const factOf = (
  fact: string,
  found: string,
  expected: RegExp,
): Fact => ({
  fact: `${fact}: ${expected}`,
  holds: expected.test(found),
  found,
});

export const own = (key: string, value: Json): Record<string, Json> => ({
  [key]: value,
});
