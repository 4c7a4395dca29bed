/**
 * Remotable objects for vat code, with the least ceremony: methods that accept
 * and return whatever can be passed, unless an interface guard says more. The
 * name and the shape are those of the ocap-kernel project, so that its vats
 * run here. This module is handed to vats by their host; it holds no state.
 */
import { makeExo, type Guarded, type Methods } from '@endo/exo';
import {
  getCopyMapEntries,
  getInterfaceGuardPayload,
  M,
  type InterfaceGuard,
} from '@endo/patterns';
import { codeIn, kindOf, type ErrorCode, type ErrorKind } from './errors.ts';

// The types of `makeExo` check methods against what a guard says of each of
// them. A guard that is only known at run time says nothing to the compiler.
const makeGuarded = makeExo as unknown as <Own extends Methods>(
  name: string,
  guard: InterfaceGuard,
  methods: Own,
) => Guarded<Own>;

/** A guard that lets every passable argument and result through, and nothing else. */
export const makeDefaultInterface = (name: string): InterfaceGuard =>
  M.interface(name, {}, { defaultGuards: 'passable' });

/**
 * A hardened object that other vats can call. `name` is what people see of it
 * (`interface Purse`). It lives in the heap: what must outlive the vat's
 * process belongs in baggage or in a durable kind.
 */
export const makeDefaultExo = <Own extends Methods>(
  name: string,
  methods: Own,
  guard: InterfaceGuard = makeDefaultInterface(name),
): Guarded<Own> => makeGuarded(name, guard, methods);

/** What people and programs can be told of a method; nothing checks it against the method. */
export type MethodSchema = Readonly<{
  description: string;
  /** JSON schemas, by the names of the arguments. */
  args: Readonly<Record<string, object>>;
  /** A JSON schema; absent if it answers with nothing. */
  returns?: object;
}>;

/** The method that tells the description, as the ocap-kernel project calls it from 0.5 on. */
export const GET_DESCRIPTION = '__getDescription__';

type Description<Schema> = Readonly<{
  /** What it is called before that; gives way to an own method. */
  describe: () => Schema;
  [GET_DESCRIPTION]: () => Schema;
}>;

/**
 * A hardened object as that of `makeDefaultExo`, which tells whoever asks what is
 * written of its methods in `schema`, by their names. A guard need not name the
 * methods that tell it.
 */
export const makeDiscoverableExo = <
  Own extends Methods,
  Schema extends Readonly<Record<Extract<keyof Own, string>, MethodSchema>>,
>(
  name: string,
  methods: Own,
  schema: Schema,
  guard: InterfaceGuard = makeDefaultInterface(name),
): Guarded<Own & Omit<Description<Schema>, keyof Own>> => {
  if (Object.hasOwn(methods, GET_DESCRIPTION)) {
    throw Error(
      `${name} cannot have a method ${GET_DESCRIPTION}: it tells what makeDiscoverableExo was given`,
    );
  }
  const describe = (): Schema => schema;
  const own = { describe, ...methods, [GET_DESCRIPTION]: describe };
  const told = own.describe === describe ? ['describe'] : [];
  return makeGuarded(
    name,
    withTellers(guard, [...told, GET_DESCRIPTION]),
    own,
  ) as Guarded<Own & Omit<Description<Schema>, keyof Own>>;
};

/** The guard with guards for these methods, unless it lets them through as it is. */
const withTellers = (
  guard: InterfaceGuard,
  names: readonly string[],
): InterfaceGuard => {
  const { interfaceName, methodGuards, symbolMethodGuards, defaultGuards } =
    getInterfaceGuardPayload(guard);
  if (defaultGuards === 'passable') {
    return guard;
  }
  const bySymbol =
    symbolMethodGuards === undefined
      ? []
      : getCopyMapEntries(symbolMethodGuards);
  const teller = M.call().rest(M.any()).returns(M.any());
  return M.interface(
    interfaceName,
    {
      ...Object.fromEntries(names.map((name) => [name, teller])),
      ...methodGuards,
      ...Object.fromEntries(bySymbol),
    },
    { defaultGuards },
  );
};

/**
 * What the kernel says of an error that a vat was given: the code in which its
 * message ends, and what can be done about it. Undefined for an error of a vat's
 * own. Whoever made the error may have written anything, so this tells a caller
 * how to go on, and proves nothing.
 */
export const describeError = (
  error: unknown,
): Readonly<{ code: ErrorCode; kind: ErrorKind }> | undefined => {
  const code = error instanceof Error ? codeIn(error.message) : undefined;
  return code === undefined
    ? undefined
    : Object.freeze({ code, kind: kindOf(code) });
};
