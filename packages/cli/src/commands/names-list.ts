/** `ocap names`: each name, and what it stands for. */
import type { ObjectDescription } from '@ocap/kernel';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { shortPeerId } from '../peer-text.ts';
import { table } from '../table.ts';

type Name = Readonly<{ name: string; kref: string }>;

// A vat that is busy is not waited for: its object is listed without its interface.
const DESCRIBE_TIMEOUT_MS = 3_000;

export const namesList: Command = async (_args, context) => {
  const names = (await context.call('listNames', [])) as readonly Name[];
  const rows = await Promise.all(
    names.map(async (entry) => ({
      ...entry,
      ...(await describeIfAnswered(context, entry.kref)),
    })),
  );
  return {
    json: rows,
    text: (style) =>
      rows.length === 0
        ? 'no names yet\n  ocap launch <what> gives one, and:  ocap call <target> <method> --as <name>'
        : table(
            [
              { title: 'NAME' },
              { title: 'OBJECT' },
              { title: 'INTERFACE' },
              { title: 'WHERE' },
              { title: 'STATE' },
            ],
            rows.map((row) => [
              row.name,
              row.kref,
              row.interface ?? '–',
              row.vat ?? (row.peer ? shortPeerId(row.peer) : '–'),
              row.state ?? 'busy',
            ]),
            style,
          ),
  };
};

type About = Partial<
  Pick<ObjectDescription, 'interface' | 'vat' | 'peer' | 'state'>
>;

const describeIfAnswered = async (
  context: Context,
  kref: string,
): Promise<About> => {
  try {
    const about = (await context.call(
      'describe',
      { kref },
      { timeoutMs: DESCRIBE_TIMEOUT_MS },
    )) as ObjectDescription;
    const { interface: iface, vat, peer, state } = about;
    return {
      state,
      ...(iface !== undefined && { interface: iface }),
      ...(vat !== undefined && { vat }),
      ...(peer !== undefined && { peer }),
    };
  } catch {
    return {}; // Listed all the same: a name is there even if its vat does not answer.
  }
};
