/**
 * Memory for frames that peers have begun and not ended, over all links: each
 * may be large, but not many at once.
 */
type Holder = Readonly<{
  heldBytes: number;
  cut(reason: string): void;
}>;

export type UnfinishedFrames = Readonly<{
  /** What a link holds now. May cut a link, this one or another. */
  hold(link: object, holder: Holder): void;
  release(link: object): void;
}>;

export const makeUnfinishedFrames = (maxBytes: number): UnfinishedFrames => {
  const holders = new Map<object, Holder>();
  let total = 0;

  const release = (link: object): void => {
    total -= holders.get(link)?.heldBytes ?? 0;
    holders.delete(link);
  };

  return {
    release,
    hold: (link, holder) => {
      release(link);
      if (holder.heldBytes > 0) {
        holders.set(link, holder);
        total += holder.heldBytes;
      }
      if (total > maxBytes) {
        const [largest] = [...holders.values()].toSorted(
          (one, other) => other.heldBytes - one.heldBytes,
        );
        largest?.cut(
          `unfinished frames took ${total} bytes, of at most ${maxBytes}, and this link had the largest`,
        );
      }
    },
  };
};
