/** What `native/disk.c` has written down of a disk, in order. */

export type DiskEntry = Readonly<
  (
    | { kind: 'opened'; name: string; inode: bigint; isNew: boolean }
    | { kind: 'written'; inode: bigint; at: number; data: Buffer }
    | { kind: 'cut'; inode: bigint; length: number }
    | { kind: 'synced'; inode: bigint }
    | { kind: 'renamed'; from: string; to: string }
    | { kind: 'unlinked'; name: string }
    | { kind: 'folder synced' }
  ) & {
    /** Where it ends in the record. */
    end: number;
  }
>;

/** As `struct entry`. */
const HEADER_BYTES = 32;

/** A last one that is there in part only is left out. */
export const parseDiskRecord = (record: Buffer): readonly DiskEntry[] => {
  const entries: DiskEntry[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= record.length) {
    const nameBytes = record.readUInt32LE(at + 4);
    const bytes = record.readUInt32LE(at + 24);
    const name = at + HEADER_BYTES;
    const end = name + nameBytes + bytes;
    if (end > record.length) break;
    const header = record.subarray(at, name);
    const text = record.toString('utf8', name, name + nameBytes);
    const data = record.subarray(name + nameBytes, end);
    entries.push(entryOf(header, text, { data, end }));
    at = end;
  }
  return entries;
};

const entryOf = (
  header: Buffer,
  name: string,
  { data, end }: Readonly<{ data: Buffer; end: number }>,
): DiskEntry => {
  const kind = header.readUInt32LE(0);
  const inode = header.readBigUInt64LE(8);
  const at = Number(header.readBigUInt64LE(16));
  switch (kind) {
    case 1: {
      const isNew = header.readUInt32LE(28) === 1;
      return { kind: 'opened', name, inode, isNew, end };
    }
    case 2:
      return { kind: 'written', inode, at, data, end };
    case 3:
      return { kind: 'cut', inode, length: at, end };
    case 4:
      return { kind: 'synced', inode, end };
    case 5: {
      const [from = '', to = ''] = name.split('\n');
      return { kind: 'renamed', from, to, end };
    }
    case 6:
      return { kind: 'unlinked', name, end };
    case 7:
      return { kind: 'folder synced', end };
    default:
      throw Error(`the record of the disk has an entry of the kind ${kind}`);
  }
};
