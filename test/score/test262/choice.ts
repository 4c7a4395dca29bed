/**
 * Which files of test262 are run. Of all that are eligible those 2,000 whose
 * paths have the smallest SHA-256: chance, but the same everywhere, and from
 * every part of the language.
 *
 * Eligible is a file of `language/` or `built-ins/` that is a script, may be run
 * in strict mode (SES knows no other), is not skipped by the copy's own runner
 * (what its engine did not know yet) and needs no host beside the language:
 * realms, detached buffers, agents, shared memory, a collector on demand.
 */
import { hash } from 'node:crypto';
import { parseFrontMatter, type FrontMatter } from './front-matter.ts';

/** What a file cannot have if it is to be run. */
const unfit = {
  flags: ['noStrict', 'raw', 'module', 'CanBlockIsFalse', 'CanBlockIsTrue'],
  features: [
    'Atomics',
    'IsHTMLDDA',
    'SharedArrayBuffer',
    'cross-realm',
    'host-gc-required',
  ],
  includes: [
    'async-gc.js',
    'atomicsHelper.js',
    'detachArrayBuffer.js',
    'testAtomics.js',
  ],
} as const satisfies Partial<Record<keyof FrontMatter, readonly string[]>>;

const FOLDERS = /^(?:language|built-ins)\//u;
/** Texts of the harness, and modules that tests import. */
const NO_TEST = /(?:^|\/)(?:shell|browser)\.js$|_FIXTURE\.js$/u;
const SKIPPED = /\bskip\b|\bskip-if\b|\bmodule\b/u;
/** The object of the host, by itself or through what the harness makes of it. */
const HOST = /\$262\b|\$DETACHBUFFER\b/u;

/** Paths are relative to the folder of test262, with slashes. */
export const mayBeTest = (path: string): boolean =>
  FOLDERS.test(path) && path.endsWith('.js') && !NO_TEST.test(path);

export const isEligible = (text: string): boolean => {
  const matter = parseFrontMatter(text);
  return (
    !SKIPPED.test(matter.reftest) &&
    !HOST.test(text) &&
    (['flags', 'features', 'includes'] as const).every((key) =>
      matter[key].every(
        (word) => !(unfit[key] as readonly string[]).includes(word),
      ),
    )
  );
};

export const inOrderOfChoice = (paths: readonly string[]): readonly string[] =>
  paths
    .filter(mayBeTest)
    .map((path) => [hash('sha256', path), path] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, path]) => path);

/** The first so many that are eligible. Fewer files are read than there are. */
export const choose = (
  paths: readonly string[],
  count: number,
  read: (path: string) => string,
): readonly Readonly<{ path: string; text: string }>[] => {
  const chosen: { path: string; text: string }[] = [];
  for (const path of inOrderOfChoice(paths)) {
    if (chosen.length === count) break;
    const text = read(path);
    if (isEligible(text)) chosen.push({ path, text });
  }
  return chosen;
};
