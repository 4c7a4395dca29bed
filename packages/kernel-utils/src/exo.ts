/**
 * Remotable objects for vat code, with the least ceremony: methods that accept
 * and return whatever can be passed, unless an interface guard says more. The
 * name and the shape are those of the ocap-kernel project, so that its vats
 * run here. This module is handed to vats by their host; it holds no state.
 */
import { makeExo, type Guarded, type Methods } from '@endo/exo';
import { M, type InterfaceGuard } from '@endo/patterns';
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
