/**
 * What may be on a disk when the power fails. What was synced is there. Of the
 * other writes any may be missing, or be there in some of its sectors only, and
 * they may have got there in any order. Names come and go in their order, as in
 * the journals of file systems, and need a sync of the folder.
 */
import type { Random } from '../../support/random.ts';
import type { DiskEntry } from './disk-record.ts';
import { shuffled } from './shuffled.ts';

/** The files that there are, by name. */
export type Image = ReadonlyMap<string, Buffer>;

/** What happens to the writes that were not synced. */
const fates = ['all are there', 'dropped', 'torn', 'reordered'] as const;

export type PowerCut = Readonly<{
  /** Goes on to after the next entry. */
  play(entry: DiskEntry): void;
  /** One that there may be now, by chance, and how it was made. */
  image(random: Random): Readonly<{ files: Image; fate: string }>;
  /** How many writes are not synced. */
  unsynced(): number;
}>;

const SECTOR_BYTES = 512;

type Change =
  | Readonly<{ kind: 'written'; at: number; data: Buffer }>
  | Readonly<{ kind: 'cut'; length: number }>;
type File = { durable: Bytes; pending: Change[] };
type NameChange = (names: Map<string, File>) => void;

export const makePowerCut = (): PowerCut => {
  /** A number is used again for another file. */
  const files = new Map<bigint, File>();
  const names = new Map<string, File>();
  let durableNames = new Map<string, File>();
  let pendingNames: NameChange[] = [];

  const rename = (change: NameChange): void => {
    change(names);
    pendingNames.push(change);
  };
  const fileOf = (inode: bigint): File => {
    const file = files.get(inode);
    if (file === undefined)
      throw Error('a file was written before it was opened');
    return file;
  };

  const play: PowerCut['play'] = (entry) => {
    switch (entry.kind) {
      case 'opened': {
        if (names.has(entry.name) && !entry.isNew) return;
        const file: File = { durable: makeBytes(), pending: [] };
        files.set(entry.inode, file);
        rename((to) => to.set(entry.name, file));
        return;
      }
      case 'written':
      case 'cut':
        fileOf(entry.inode).pending.push(entry);
        return;
      case 'synced': {
        const file = fileOf(entry.inode);
        file.pending.forEach((change) => apply(file.durable, change));
        file.pending = [];
        return;
      }
      case 'renamed': {
        const { from, to } = entry;
        rename((all) => {
          const file = all.get(from);
          all.delete(from);
          if (file !== undefined) all.set(to, file);
        });
        return;
      }
      case 'unlinked':
        rename((all) => all.delete(entry.name));
        return;
      default:
        durableNames = new Map(names);
        pendingNames = [];
    }
  };

  return {
    play,
    unsynced: () =>
      [...names.values()].reduce((sum, { pending }) => sum + pending.length, 0),
    image: (random) => {
      const fate = random.pick(fates);
      const found = new Map(durableNames);
      const kept = random.integer(0, pendingNames.length);
      pendingNames.slice(0, kept).forEach((change) => change(found));
      const contents = [...found].map(
        ([name, file]) => [name, contentOf(file, fate, random)] as const,
      );
      const of = `${kept} of ${pendingNames.length} names`;
      return { files: new Map(contents), fate: `${fate}, ${of}` };
    },
  };
};

const contentOf = (
  { durable, pending }: File,
  fate: (typeof fates)[number],
  random: Random,
): Buffer => {
  const content = makeBytes(durable.bytes());
  /** One more in so many is missing: of some images most, of others few. */
  const oneIn = random.integer(1, 8);
  const isKept = (): boolean => random.integer(0, oneIn) > 0;
  const changes =
    fate === 'all are there'
      ? pending
      : fate === 'torn'
        ? pending.flatMap(sectorsOf).filter(isKept)
        : fate === 'dropped'
          ? pending.filter(isKept)
          : shuffled(pending.filter(isKept), random);
  changes.forEach((change) => apply(content, change));
  return content.bytes();
};

/** A disk writes a sector whole or not at all. */
const sectorsOf = (change: Change): readonly Change[] => {
  if (change.kind === 'cut') return [change];
  const { at, data } = change;
  const parts: Change[] = [];
  let from = 0;
  while (from < data.length) {
    const rest = SECTOR_BYTES - ((at + from) % SECTOR_BYTES);
    const part = data.subarray(from, from + rest);
    parts.push({ kind: 'written', at: at + from, data: part });
    from += rest;
  }
  return parts;
};

/** Bytes that grow. */
type Bytes = Readonly<{
  write(at: number, data: Buffer): void;
  cut(length: number): void;
  bytes(): Buffer;
}>;

const makeBytes = (begin: Buffer = Buffer.alloc(0)): Bytes => {
  let held = Buffer.from(begin);
  let { length } = begin;
  const reach = (end: number): void => {
    if (end > held.length) {
      const larger = Buffer.alloc(2 * end);
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    length = Math.max(length, end);
  };
  return {
    write: (at, data) => {
      reach(at + data.length);
      data.copy(held, at);
    },
    cut: (to) => {
      reach(to);
      held.fill(0, to, length);
      length = to;
    },
    bytes: () => held.subarray(0, length),
  };
};

const apply = (bytes: Bytes, change: Change): void => {
  if (change.kind === 'cut') bytes.cut(change.length);
  else bytes.write(change.at, change.data);
};
