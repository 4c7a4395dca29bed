/**
 * How much may be under way on one link. A relay ends a link after so many bytes
 * or so much time, and what was under way then has to be sent again on the next:
 * if that were all that waits, each link would be used up by the same frames. So
 * a side has no more under way on a relayed link than its share of what the relay
 * still carries. Where the relay does not say, or has ended the last link before
 * anything was acknowledged, the link begins with little, and allows as much more
 * with each acknowledgement as was acknowledged.
 */
import harden from '@endo/harden';
import type { PeerLink } from './peer-transport.ts';

/** Characters before anything is acknowledged. */
const FIRST_CHARS = 12 * 1024;
/** Less than half, because the other side sends as well and the last frame goes beyond. */
const SHARE = 3 / 8;

export type LinePace = Readonly<{
  /** Both sides know each other. `carriedBefore`: what `carried` was at the end of the link that was lost before. */
  begin(carriedBefore: number | undefined): void;
  /** Characters that were acknowledged on it; undefined if nothing was sent. */
  carried(): number | undefined;
  /** Whether another frame may follow what is under way. There always may be one. */
  allows(): boolean;
  onSent(seq: number, chars: number): void;
  onAcknowledged(upTo: number): void;
}>;

export const makeLinePace = ({
  isRelayed,
  bytesLeft,
}: Pick<PeerLink, 'isRelayed' | 'bytesLeft'>): LinePace => {
  let allowed = isRelayed ? FIRST_CHARS : Infinity;
  let believesRelay = false;
  let underWay = 0;
  let carried = 0;
  const sent: Readonly<{ seq: number; chars: number }>[] = [];

  /** What is under way is not in what is left. */
  const share = (): number | undefined => {
    const left = believesRelay ? bytesLeft() : undefined;
    return left === undefined ? undefined : SHARE * (left + underWay);
  };

  return harden({
    begin: (carriedBefore: number | undefined) => {
      believesRelay = isRelayed && carriedBefore !== 0;
      allowed = share() ?? Math.max(allowed, (carriedBefore ?? 0) / 2);
    },
    carried: () => (carried === 0 && underWay === 0 ? undefined : carried),
    allows: () => underWay === 0 || underWay < allowed,
    onSent: (seq: number, chars: number) => {
      underWay += chars;
      sent.push({ seq, chars });
    },
    onAcknowledged: (upTo: number) => {
      const following = sent.findIndex(({ seq }) => seq > upTo);
      const done = sent.splice(0, following < 0 ? sent.length : following);
      const chars = done.reduce((sum, frame) => sum + frame.chars, 0);
      underWay -= chars;
      carried += chars;
      allowed = share() ?? allowed + chars;
    },
  });
};
