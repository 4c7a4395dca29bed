/**
 * How this package starts a process where a command of the CLI may: loaded only
 * then, because most commands find one that runs.
 */
export const childProcess = (): typeof import('node:child_process') =>
  process.getBuiltinModule('node:child_process');
