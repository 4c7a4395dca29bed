/**
 * Who is next, among senders that may each have very much: one of each in turn,
 * so that somebody who has one thing to ask waits for no more than one of
 * everybody else's.
 */
export type Turns<Sender> = Readonly<{
  /** After what this sender has waiting already. */
  add(sender: Sender, item: number): void;
  /** Undefined if nothing waits. */
  next(): number | undefined;
}>;

type Line = { readonly items: number[]; head: number };

export const makeTurns = <Sender>(): Turns<Sender> => {
  /** In the order of their turns. */
  const lines = new Map<Sender, Line>();
  return {
    add: (sender, item) => {
      const line = lines.get(sender);
      if (line === undefined) {
        lines.set(sender, { items: [item], head: 0 });
      } else {
        line.items.push(item);
      }
    },
    next: () => {
      for (const [sender, line] of lines) {
        const item = line.items[line.head];
        line.head += 1;
        lines.delete(sender);
        if (line.head < line.items.length) {
          lines.set(sender, line); // behind everybody else
        }
        return item;
      }
      return undefined;
    },
  };
};
