/**
 * What an RPC method is: a name, two schemas and a handler that gets no more
 * of the kernel than its type says. One method a file; `methods.ts` lists them.
 */
import { rpcErrors } from '@metamask/rpc-errors';
import type { LimitReport } from '@ocap/kernel-utils';
import { z } from 'zod';
import { pathOf, problemOf } from '../cluster-config.ts';
import type { Access } from '../access-api.ts';
import type { Kernel, QueryRow } from '../kernel-api.ts';
import type { LogLevel } from '../vat/protocol.ts';
import type { Subscriptions } from './subscriptions.ts';

/** All that the methods together need. */
export type RpcPowers = Omit<Kernel, 'executeDBQuery' | 'insistAccess'> &
  Readonly<{
    /** The SQL of clients: where it is run is for the daemon to say. */
    executeDBQuery(
      sql: string,
    ): readonly QueryRow[] | Promise<readonly QueryRow[]>;
    /** Begins to shut the daemon down and returns at once. */
    shutdown(): void;
    /** What the daemon's log says from now on. */
    setLogLevel(level: LogLevel): void;
    /** The limits that apply here. */
    getLimits(): readonly LimitReport[];
    /** The OpenRPC document of the methods that there are for who asks. */
    discover(): object;
    /** Makes the connection that asks what this token is for, and nothing else. */
    authorize(token: string): Access;
    /** Of the connection that asks. */
    subscriptions: Subscriptions;
  }>;

type MethodSpec<Shape extends z.core.$ZodShape, Result, Powers> = Readonly<{
  name: string;
  /** One sentence for `rpc.discover`. */
  summary: string;
  /** By name; given as a list they are taken in the order of the schema. */
  params: z.ZodObject<Shape, z.core.$strict>;
  /** For a list that does not simply follow the order of the schema. */
  fromList?: (list: readonly unknown[]) => object;
  result: z.ZodType<Result>;
  handler(
    powers: Powers,
    params: z.output<z.ZodObject<Shape, z.core.$strict>>,
  ): Result | Promise<Result>;
  /** For what must not come before the answer. Such a method needs an id. */
  answered?: (powers: Powers, result: Result) => void;
}>;

/**
 * A method whose parameters are of a type that is no longer known. What it needs
 * is: a facet that lists it must have that.
 */
export type RpcMethod<Powers = RpcPowers> = Readonly<{
  name: string;
  summary: string;
  params: z.ZodObject;
  result: z.ZodType;
  /**
   * Checks the parameters, runs the handler, checks its result.
   * @throws -32602 with the path; whatever the handler throws; ZodError if the
   * result does not fit, which is a defect of ours.
   */
  run: (powers: Powers, params: unknown) => Promise<unknown>;
  /** Called with the result once the answer is on its way. */
  answered?: (powers: Powers, result: unknown) => void;
}>;

const byName = (
  list: readonly unknown[],
  names: readonly string[],
): Record<string, unknown> => {
  if (list.length > names.length) {
    throw rpcErrors.invalidParams({
      message: `Invalid params: at most ${names.length} expected, ${list.length} given`,
      data: { path: `[${names.length}]` },
    });
  }
  return Object.fromEntries(
    list.map((value, index) => [names[index], value] as const),
  );
};

/** Fixes the types of a method's parameters and hides them from the table. */
export const defineMethod = <Shape extends z.core.$ZodShape, Result, Powers>({
  name,
  summary,
  params: schema,
  fromList,
  result,
  handler,
  answered,
}: MethodSpec<Shape, Result, Powers>): RpcMethod<Powers> => {
  const names = Object.keys(schema.shape);

  const parseParams = (
    given: unknown,
  ): z.output<z.ZodObject<Shape, z.core.$strict>> => {
    let value = given ?? {};
    if (Array.isArray(given)) {
      const list: readonly unknown[] = given;
      value = fromList?.(list) ?? byName(list, names);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const path = pathOf(issue?.path ?? []);
    const problem = issue ? problemOf(issue) : 'unknown';
    throw rpcErrors.invalidParams({
      message: `Invalid params: ${problem}${path === '' ? '' : ` at ${path}`}`,
      data: { path, problem },
    });
  };

  return {
    name,
    summary,
    params: schema,
    result,
    run: async (powers, params) =>
      result.parse(await handler(powers, parseParams(params))),
    ...(answered === undefined
      ? {}
      : {
          answered: (powers, done) => answered(powers, done as Result),
        }),
  };
};

/** The parameters of a method that has none. */
export const noParams = z.strictObject({});
