/**
 * Modules of the ocap-kernel project that its vats import, and of which a
 * standard module has what vats need most. Where they are not installed it
 * stands in for them, so that such a vat can be bundled as it is.
 */
const names: readonly string[] = [
  '@metamask/kernel-utils',
  '@metamask/kernel-utils/exo',
  '@metamask/kernel-utils/discoverable',
];

/** Whoever imports something else of it is shown this as the name of the module. */
const idOf = (name: string): string =>
  `${name} as the host has it: install the package for all of it`;

const ids = new Set(names.map(idOf));

/** The id of the module that stands in for the named one; undefined if none does. */
export const standInId = (name: string): string | undefined =>
  names.includes(name) ? idOf(name) : undefined;

/** The source of a module that stands in for another; undefined of other ids. */
export const standInSource = (id: string): string | undefined =>
  // By name, so that the compiler finds out what else is imported.
  ids.has(id)
    ? "export { GET_DESCRIPTION, makeDefaultExo, makeDefaultInterface, makeDiscoverableExo } from '@ocap/kernel-utils/exo';"
    : undefined;
