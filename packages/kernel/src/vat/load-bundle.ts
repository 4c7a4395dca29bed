/**
 * Evaluates a vat's bundle in a Compartment of its own and returns what it
 * exports. Two kinds are known: ours (`iife`, whose standard modules come from
 * the host; the format of the ocap-kernel project), and Endo's.
 */
import { vatGlobals } from '../vat-globals.ts';
import { thrownText } from './error-text.ts';
import type { HostModules } from './host-modules.ts';

export type Namespace = Readonly<Record<string, unknown>>;

type Bundle = Readonly<Record<string, unknown>>;

export const loadBundle = async (
  text: string,
  {
    globals,
    hostModules,
  }: Readonly<{
    globals: Record<PropertyKey, unknown>;
    hostModules: HostModules;
  }>,
): Promise<Namespace> => {
  const bundle = parseBundle(text);
  switch (bundle['moduleFormat']) {
    case 'iife':
      return loadScript(bundle, globals, hostModules);
    case 'endoZipBase64':
    case 'nestedEvaluate':
    case 'getExport': {
      // @ts-expect-error The package has no types.
      const { importBundle } = (await import('@endo/import-bundle')) as {
        importBundle: (bundle: Bundle, options: object) => Promise<Namespace>;
      };
      // Inescapable, because the bundle makes compartments of its own.
      return importBundle(bundle, {
        endowments: globals,
        inescapableGlobalProperties: globals,
      });
    }
    default:
      throw Error(
        `its bundle has the unknown moduleFormat ${JSON.stringify(bundle['moduleFormat'])}`,
      );
  }
};

const parseBundle = (text: string): Bundle => {
  let bundle: unknown;
  try {
    bundle = JSON.parse(text);
  } catch {
    throw Error('its bundle is not JSON');
  }
  if (typeof bundle !== 'object' || bundle === null) {
    throw Error('its bundle is not an object');
  }
  return bundle as Bundle;
};

const loadScript = (
  { code, external }: Bundle,
  globals: Record<PropertyKey, unknown>,
  hostModules: HostModules,
): Namespace => {
  if (typeof code !== 'string') {
    throw Error('its bundle has no code');
  }
  for (const name of namesOf(external ?? {})) {
    if (!Object.hasOwn(hostModules, name)) {
      throw Error(`it needs the module ${name}, which this host does not have`);
    }
  }
  const compartment = new Compartment({ globals, __options__: true });
  withdrawUnasked(compartment.globalThis, globals);
  let evaluated: unknown;
  try {
    const run = compartment.evaluate(
      `(function (__hostModules__) { ${code}\n; return __vatExports__; })`,
    ) as (modules: HostModules) => unknown;
    evaluated = run(hostModules);
  } catch (error) {
    throw Error(`its bundle throws at load: ${thrownText(error)}`);
  }
  if (typeof evaluated !== 'object' || evaluated === null) {
    throw Error('its bundle exports nothing');
  }
  return evaluated as Namespace;
};

/** Names with versions, as here, or alone, as in the ocap-kernel project. */
const namesOf = (external: unknown): readonly string[] => {
  if (typeof external === 'object' && external !== null) {
    const names = Array.isArray(external) ? external : Object.keys(external);
    if (names.every((name) => typeof name === 'string')) {
      return names;
    }
  }
  throw Error('its bundle does not say by name which modules it needs');
};

/**
 * SES gives some helpers to every Compartment. A vat has what its config names;
 * the tamed `Date` and `Math` belong to the language.
 */
const withdrawUnasked = (
  scope: Record<string, unknown>,
  globals: Readonly<Record<PropertyKey, unknown>>,
): void => {
  for (const name of vatGlobals) {
    if (name !== 'Date' && name !== 'Math' && !Object.hasOwn(globals, name)) {
      delete scope[name];
    }
  }
};
