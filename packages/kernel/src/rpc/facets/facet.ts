/**
 * What a connection can do: the methods that there are for it, and powers that
 * reach as far as they should. A method of which a facet has not the powers
 * cannot be listed in it: that does not compile.
 */
import { rpcErrors } from '@metamask/rpc-errors';
import { fail } from '@ocap/kernel-utils';
import { rpcMethods } from '../methods/index.ts';
import type { RpcMethod } from '../method.ts';

export type Facet = Readonly<{
  /** @throws -32601 if there is no such method at all, NOT_PERMITTED if not here */
  insistMethod(name: string): FacetMethod;
  /** Looked at before each request and before its answer. @throws ACCESS_ENDED */
  insistCurrent(): void;
}>;

/** A method with the powers that it has in its facet. */
export type FacetMethod = Readonly<{
  needsId: boolean;
  run(params: unknown): Promise<unknown>;
  answered(result: unknown): void;
}>;

type FacetSpec<Powers> = Readonly<{
  /** For whoever asks for more: `the access a1 to an object`. */
  title: string;
  powers: Powers;
  methods: readonly RpcMethod<Powers>[];
  insistCurrent?: () => void;
}>;

const known = new Set(rpcMethods.map(({ name }) => name));

export const makeFacet = <Powers>({
  title,
  powers,
  methods,
  insistCurrent = () => undefined,
}: FacetSpec<Powers>): Facet => {
  return {
    insistMethod: (name) => {
      // A few dozen: to compare them costs less than a table for each connection.
      const method = methods.find((each) => each.name === name);
      if (method !== undefined) return bind(method, powers);
      throw known.has(name)
        ? fail('NOT_PERMITTED', { what: `"${name}"`, facet: title })
        : rpcErrors.methodNotFound({
            message: `There is no method "${name.slice(0, 100)}". \`rpc.discover\` lists them.`,
          });
    },
    insistCurrent,
  };
};

const bind = <Powers>(
  { run, answered }: RpcMethod<Powers>,
  powers: Powers,
): FacetMethod => ({
  needsId: answered !== undefined,
  run: async (params) => run(powers, params),
  answered: (result) => answered?.(powers, result),
});
