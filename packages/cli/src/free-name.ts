/** Whether a name can be given, asked before the work whose result it is for. */
import { isName } from './call-arguments.ts';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';

/**
 * Before the call is sent, since it cannot be unsent. A repeated request may
 * find the name that its first try gave.
 */
export const insistFreeName = async (
  context: Context,
  name: string,
  mayBeTaken = false,
): Promise<void> => {
  if (!isName(name)) {
    throw new CliError('NAME_INVALID', { name });
  }
  const taken = await findName(context, name);
  if (taken !== undefined && !mayBeTaken) {
    throw new CliError('NAME_TAKEN', { name, ref: taken });
  }
};

/** What the name stands for, if it is taken. */
export const findName = async (
  context: Context,
  name: string,
): Promise<string | undefined> => {
  const names = (await context.call('listNames', [])) as readonly Readonly<{
    name: string;
    kref: string;
  }>[];
  return names.find((entry) => entry.name === name)?.kref;
};
