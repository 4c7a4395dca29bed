/**
 * What fits into a frame. Whatever another kernel would not take must never be
 * made, because a frame that was made is sent until it is acknowledged; so what
 * is too large by itself is rejected before.
 */
import {
  fail,
  jsonBytes,
  type CapData,
  type KRef,
  type OcapError,
} from '@ocap/kernel-utils';
import type { References } from '../references.ts';
import { settledTogether } from '../settlements.ts';
import type { InboxRow } from '../store/rows.ts';
import { MAX_NAMES, namesIn, type RemoteOp } from './frames.ts';

/** Operations of one frame of ours at most. */
const FRAME_OPS = 200;
/**
 * Characters after which no further operation is begun: few, because a frame has
 * to go through whole, also where a relay passes on 64 KiB at a time and the
 * other side sends, too.
 */
const FRAME_CHARS = 12 * 1024;
/** What an operation, or a settlement in it, and each name take beside the bodies. */
const OP_CHARS = 50;
const NAME_CHARS = 10;
/** So many names, by their characters, and no more can be there before the last operation. */
const FRAME_NAMES = 1500;
/** Names of one operation. */
const OP_NAMES = MAX_NAMES - FRAME_NAMES;
/** Names of one operation of the collector; more follow in the next. */
export const NAMES_AT_ONCE = 1000;
/** No text has more bytes for a character in JSON. */
const BYTES_PER_CHAR = 6;

export type FrameRoom = Readonly<{
  hasRoom(): boolean;
  note(op: RemoteOp): void;
}>;

export const makeFrameRoom = (): FrameRoom => {
  let ops = 0;
  let chars = 0;
  return {
    hasRoom: () => ops < FRAME_OPS && chars < FRAME_CHARS,
    note: (op: RemoteOp) => {
      const data = dataOf(op);
      ops += 1;
      chars += OP_CHARS * Math.max(data.length, 1);
      chars += NAME_CHARS * namesIn(op).length;
      chars += data.reduce((sum, { body }) => sum + body.length, 0);
    },
  };
};

/** Why what waits cannot be told in a frame; undefined if it can. */
export const excessOf = (
  refs: Pick<References, 'promise'>,
  row: InboxRow,
  /** Of bodies as JSON in UTF-8. */
  maxBytes: number,
): OcapError | undefined => {
  const told: readonly (CapData<KRef> | null)[] =
    row.kind === 'message'
      ? [row.methargs]
      : settledTogether(refs, row.target).map(
          (kref) => refs.promise(kref).data,
        );
  // A message names its target and its result, a settlement its promise.
  const own = row.kind === 'message' ? 2 : 1;
  const names = told.reduce(
    (sum, data) => sum + own + (data?.slots.length ?? 0),
    0,
  );
  if (names > OP_NAMES) {
    return fail('LIMIT_REACHED', {
      limit: 'of a message to another kernel',
      value: names,
      max: OP_NAMES,
      unit: 'references',
    });
  }
  const chars = told.reduce((sum, data) => sum + (data?.body.length ?? 0), 0);
  if (chars * BYTES_PER_CHAR <= maxBytes) {
    return undefined; // as nearly always: nothing has to be counted
  }
  const bytes = told.reduce(
    (sum, data) => sum + jsonBytes(data?.body ?? ''),
    0,
  );
  return bytes <= maxBytes
    ? undefined
    : fail('LIMIT_REACHED', {
        limit: 'remoteMessageBytes',
        value: bytes,
        max: maxBytes,
        unit: 'bytes',
      });
};

const dataOf = (op: RemoteOp): readonly CapData[] => {
  switch (op[0]) {
    case 'send':
      return [op[2]];
    case 'resolve':
      return op[1].map(([, , data]) => data);
    default:
      return [];
  }
};
