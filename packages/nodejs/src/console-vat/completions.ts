/**
 * What could follow what is typed: names in reach, properties of what they
 * stand for, and methods of remote objects after `E(name).`
 */
import { E } from '@endo/eventual-send';

export type Completions = Readonly<{
  words: readonly string[];
  /** The part of the line that each of them would replace. */
  of: string;
}>;

type Scope = Readonly<Record<string, unknown>>;

/** For how long a remote object may think about its methods is up to the caller. */
export const completionsOf = async (
  line: string,
  scope: Scope,
): Promise<Completions> => {
  const [, remote, method] = /E\(\s*([\w$]+)\s*\)\.([\w$]*)$/u.exec(line) ?? [];
  if (remote !== undefined && method !== undefined) {
    return complete(method, await methodsOf(scope[remote]));
  }
  const [, owner, property] = /([\w$]+)\.([\w$]*)$/u.exec(line) ?? [];
  if (owner !== undefined && property !== undefined) {
    return complete(property, propertiesOf(scope[owner]));
  }
  const [word = ''] = /[\w$]*$/u.exec(line) ?? [];
  return complete(word, Object.getOwnPropertyNames(scope));
};

const complete = (of: string, words: readonly string[]): Completions => ({
  of,
  words: words
    .filter((word) => word.startsWith(of) && !word.startsWith('__'))
    .sort(),
});

const methodsOf = async (target: unknown): Promise<readonly string[]> => {
  if (target === undefined || target === null) {
    return [];
  }
  try {
    const remote = target as { __getMethodNames__(): Promise<string[]> };
    return await E(remote).__getMethodNames__();
  } catch {
    return []; // Not everything tells its methods, and some are gone.
  }
};

const propertiesOf = (target: unknown): readonly string[] =>
  target === undefined || target === null
    ? []
    : Object.getOwnPropertyNames(Object(target));
