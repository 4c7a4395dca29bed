/**
 * What two kernels have of each other, compared, when nothing is under way
 * between them: what one has given away is what the other has, under the same
 * names, and each knows how far the other is.
 */
import { isRemoteId, type RemoteId } from '@ocap/kernel-utils';
import type { SimKernel } from './sim-kernel.ts';

export const disagreements = (
  one: SimKernel,
  other: SimKernel,
): readonly string[] => {
  const here = viewOf(one, other);
  const there = viewOf(other, one);
  if (here === undefined || there === undefined) {
    return here === there ? [] : [`only one of ${pair(one, other)} knows both`];
  }
  return [
    ...compareRows(one, other, here, there),
    ...compareRows(other, one, there, here),
    ...compareNames(one, other, here, there),
  ];
};

/** What one kernel has on disk about another. */
type View = Readonly<{
  row: Readonly<{
    session: string;
    theirSession: string | null;
    sent: number;
    received: number;
    cut: string | null;
  }>;
  /** By the name in its c-list: whether it can be called, or must be kept for that. */
  names: ReadonlyMap<string, boolean>;
}>;

const viewOf = (
  { disk: { tables } }: SimKernel,
  { peerId }: SimKernel,
): View | undefined => {
  for (const [id, row] of tables.remotes.durable) {
    if (row.peerId === peerId) {
      const names = new Map<string, boolean>();
      for (const [key, { vref, reachable }] of tables.clist.durable) {
        if (ownerOf(key) === id) {
          names.set(vref, reachable);
        }
      }
      return { row, names };
    }
  }
  return undefined;
};

const ownerOf = (key: string): RemoteId | undefined => {
  const owner = key.slice(0, key.indexOf(' '));
  return isRemoteId(owner) ? owner : undefined;
};

const pair = (one: SimKernel, other: SimKernel): string =>
  `${one.name} and ${other.name}`;

/** As the other side names it. */
const flipped = (name: string): string =>
  name.replace(/[+-]/u, (sign) => (sign === '+' ? '-' : '+'));

const compareRows = (
  one: SimKernel,
  other: SimKernel,
  here: View,
  there: View,
): string[] => {
  const found: string[] = [];
  const both = `${one.name} of ${other.name}`;
  if (here.row.cut !== null) {
    found.push(`${one.name} has cut off ${other.name}: ${here.row.cut}`);
  }
  if (here.row.theirSession !== there.row.session) {
    found.push(`the session is another to ${both}`);
  }
  if (here.row.received !== there.row.sent) {
    found.push(
      `${one.name} has received ${here.row.received} of the ${there.row.sent} frames of ${other.name}`,
    );
  }
  return found;
};

const compareNames = (
  one: SimKernel,
  other: SimKernel,
  here: View,
  there: View,
): string[] => {
  const found: string[] = [];
  const both = pair(one, other);
  for (const [name, reachable] of here.names) {
    const isThere = there.names.get(flipped(name));
    if (isThere === undefined) {
      found.push(`of ${both} only the first knows ${name}`);
    } else if (isThere !== reachable) {
      found.push(
        `${name} is ${reachable ? '' : 'not '}reachable to the first of ${both}, to the other it is${isThere ? '' : ' not'}`,
      );
    }
  }
  for (const name of there.names.keys()) {
    if (!here.names.has(flipped(name))) {
      found.push(`of ${both} only the second knows ${name}`);
    }
  }
  return found;
};
