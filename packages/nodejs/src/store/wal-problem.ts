/**
 * SQLite reads its write-ahead log up to the first frame whose checksum is wrong,
 * and takes that for the end: a byte that was changed in the middle makes it
 * forget, without a word, every commit from there on. But it also notes in the
 * `-shm` file, after each commit was synced, how many frames there are. So until
 * the database is opened it can be told whether all of them are still there.
 *
 * Of no use where that file does not say the same: after a power failure it may
 * be older than the log, or absent. The formats are in SQLite's `walformat`.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { endianness } from 'node:os';

const WAL_HEADER = 32;
const FRAME_HEADER = 24;
const INDEX_HEADER = 48;
const VERSION = 3_007_000;
/** The last bit tells the byte order of the checksums. */
const MAGIC = 0x377f0682;

type Sum = readonly [number, number];

type Noted = Readonly<{
  frames: number;
  lastSum: Sum;
  salts: Buffer;
  /** All of them are in the database, too. */
  isCopied: boolean;
}>;

/**
 * What is wrong with the log beside this database; `undefined` if nothing is
 * known to be. One with more bytes than that is not read.
 */
export const findWalProblem = (
  path: string,
  mostBytes: number,
): string | undefined => {
  const noted = readNoted(`${path}-shm`);
  if (noted === undefined || noted.frames === 0) return undefined;
  const name = `${path}-wal`;
  if (existsSync(name) && statSync(name).size > mostBytes) return undefined;
  const wal = existsSync(name) ? readFileSync(name) : Buffer.alloc(0);
  const header = readHeader(wal);
  if (header === undefined) {
    return noted.isCopied ? undefined : `${name} is missing or damaged`;
  }
  // Another generation of the log than the one that was noted.
  if (!wal.subarray(16, 24).equals(noted.salts)) return undefined;
  const last = sumFrames(wal, header, noted.frames);
  return last?.[0] === noted.lastSum[0] && last[1] === noted.lastSum[1]
    ? undefined
    : `${name} is damaged`;
};

const readNoted = (path: string): Noted | undefined => {
  // What is written there has the byte order of the machine.
  if (endianness() !== 'LE' || !existsSync(path)) return undefined;
  const shm = readFileSync(path).subarray(0, 2 * INDEX_HEADER + 4);
  if (shm.length < 2 * INDEX_HEADER + 4) return undefined;
  const one = shm.subarray(0, INDEX_HEADER);
  const other = shm.subarray(INDEX_HEADER, 2 * INDEX_HEADER);
  const [a, b] = sumWords(one.subarray(0, 40), [0, 0], true);
  const isValid =
    one.equals(other) &&
    one.readUInt32LE(0) === VERSION &&
    one[12] === 1 &&
    one.readUInt32LE(40) === a &&
    one.readUInt32LE(44) === b;
  if (!isValid) return undefined;
  const frames = one.readUInt32LE(16);
  return {
    frames,
    lastSum: [one.readUInt32LE(24), one.readUInt32LE(28)],
    salts: one.subarray(32, 40),
    isCopied: shm.readUInt32LE(2 * INDEX_HEADER) >= frames,
  };
};

type Header = Readonly<{ pageBytes: number; isLittle: boolean; sum: Sum }>;

const readHeader = (wal: Buffer): Header | undefined => {
  if (wal.length < WAL_HEADER) return undefined;
  const magic = wal.readUInt32BE(0);
  const isLittle = magic === MAGIC;
  if (!isLittle && magic !== MAGIC + 1) return undefined;
  const sum = sumWords(wal.subarray(0, 24), [0, 0], isLittle);
  return isSum(wal, 24, sum)
    ? { pageBytes: wal.readUInt32BE(8), isLittle, sum }
    : undefined;
};

/** The checksum of so many frames; `undefined` if one of them is not as it was written. */
const sumFrames = (
  wal: Buffer,
  { pageBytes, isLittle, sum }: Header,
  count: number,
): Sum | undefined => {
  const frameBytes = FRAME_HEADER + pageBytes;
  if (wal.length < WAL_HEADER + count * frameBytes) return undefined;
  let last = sum;
  for (let frame = 0; frame < count; frame += 1) {
    const start = WAL_HEADER + frame * frameBytes;
    const page = start + FRAME_HEADER;
    last = sumWords(wal.subarray(start, start + 8), last, isLittle);
    last = sumWords(wal.subarray(page, page + pageBytes), last, isLittle);
    const hasSalts = wal
      .subarray(start + 8, start + 16)
      .equals(wal.subarray(16, 24));
    if (!hasSalts || !isSum(wal, start + 16, last)) return undefined;
  }
  return last;
};

const isSum = (wal: Buffer, at: number, [a, b]: Sum): boolean =>
  wal.readUInt32BE(at) === a && wal.readUInt32BE(at + 4) === b;

const sumWords = (bytes: Buffer, [a, b]: Sum, isLittle: boolean): Sum => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let one = a;
  let two = b;
  for (let at = 0; at < bytes.length; at += 8) {
    one = (one + view.getUint32(at, isLittle) + two) >>> 0;
    two = (two + view.getUint32(at + 4, isLittle) + one) >>> 0;
  }
  return [one, two];
};
