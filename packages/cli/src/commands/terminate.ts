/** `ocap terminate`: ends a vat or a subcluster, and frees the names of what died. */
import type { KernelStatus, ObjectDescription } from '@ocap/kernel';
import { isSubclusterId, isVatId } from '@ocap/kernel-utils';
import { parseTarget } from '../call-arguments.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';

/** What is to be ended: a vat, or a subcluster with its vats. */
type Target = Readonly<{
  method: 'terminateVat' | 'terminateSubcluster';
  id: string;
  vats: readonly string[];
}>;

// A vat that is busy is not waited for; what is dead is described at once.
const DESCRIBE_TIMEOUT_MS = 2_000;

export const terminate: Command = async ({ word }, context) => {
  const { method, id, vats } = await findTarget(context, parseTarget(word(0)));
  const before = await describeNames(context);
  await context.call(method, { id });
  const freedNames = await freeNames(context, before, vats);
  return {
    json: { terminated: id, vats, freedNames },
    text: () =>
      `${id} terminated${method === 'terminateVat' ? '' : ` (${vats.join(', ')})`}${
        freedNames.length === 0
          ? ''
          : `\n  names freed: ${freedNames.join(', ')}`
      }`,
  };
};

const findTarget = async (
  context: Context,
  target: string,
): Promise<Target> => {
  if (isVatId(target)) {
    return { method: 'terminateVat', id: target, vats: [target] };
  }
  const vat = isSubclusterId(target) ? undefined : await vatOf(context, target);
  const { subclusters } = (await context.call('getStatus', [])) as KernelStatus;
  const found = subclusters.find(
    (entry) =>
      entry.id === target ||
      Object.values(entry.vats).some((member) => member === vat),
  );
  if (found !== undefined) {
    const { id, vats } = found;
    return { method: 'terminateSubcluster', id, vats: Object.values(vats) };
  }
  if (isSubclusterId(target)) {
    // Unknown to the kernel too, which says so.
    return { method: 'terminateSubcluster', id: target, vats: [] };
  }
  throw new CliError('TARGET_NOT_ENDABLE', { target });
};

const vatOf = async (
  context: Context,
  target: string,
): Promise<string | undefined> =>
  ((await context.call('describe', { kref: target })) as ObjectDescription).vat;

/** By name; absent is who could not be described in time. */
type Descriptions = ReadonlyMap<string, ObjectDescription>;

const describeNames = async (context: Context): Promise<Descriptions> => {
  const names = (await context.call('listNames', [])) as readonly Readonly<{
    name: string;
    kref: string;
  }>[];
  const entries = await Promise.all(
    names.map(async ({ name, kref }) => {
      try {
        const about = (await context.call(
          'describe',
          { kref },
          { timeoutMs: DESCRIBE_TIMEOUT_MS },
        )) as ObjectDescription;
        return [[name, about] as const];
      } catch {
        return []; // In a busy vat, perhaps the very one that is to be ended.
      }
    }),
  );
  return new Map(entries.flat());
};

/** A name of an object that died stands for nothing, and would only be in the way. */
const freeNames = async (
  context: Context,
  before: Descriptions,
  endedVats: readonly string[],
): Promise<string[]> => {
  const freed: string[] = [];
  for (const [name, { state }] of await describeNames(context)) {
    const known = before.get(name);
    const wasInEnded =
      known === undefined ||
      (known.vat !== undefined && endedVats.includes(known.vat));
    if (state !== 'live' && wasInEnded) {
      await context.call('removeName', { name });
      freed.push(name);
    }
  }
  return freed;
};
