/**
 * One table of the simulated disk: what the kernel has written, and what of it
 * would still be there after a crash.
 */
import type { StoreBackend, TableBackend } from '@ocap/kernel';

export type MemoryTable<Key extends string | number, Row> = Readonly<{
  backend: TableBackend<Key, Row>;
  /** In the order of the keys, as a database gives them. */
  entries(): (readonly [Key, Row])[];
  /** What is on disk. */
  durable: ReadonlyMap<Key, Row>;
  commit(): void;
  /** Forgets what was written since the last commit. */
  rollback(): void;
}>;

type BackendTables = StoreBackend['tables'];
export type DiskTables = {
  readonly [Name in keyof BackendTables]: BackendTables[Name] extends {
    read(key: infer Key): infer Row;
  }
    ? Key extends string | number
      ? MemoryTable<Key, Exclude<Row, undefined>>
      : never
    : never;
};

export const makeMemoryTable = <
  Key extends string | number,
  Row,
>(): MemoryTable<Key, Row> => {
  const durable = new Map<Key, Row>();
  const working = new Map<Key, Row>();
  const touched = new Set<Key>();

  const copy = (from: Map<Key, Row>, to: Map<Key, Row>): void => {
    for (const key of touched) {
      const row = from.get(key);
      if (row === undefined) {
        to.delete(key);
      } else {
        to.set(key, row);
      }
    }
    touched.clear();
  };

  return {
    backend: {
      read: (key) => working.get(key),
      write: (key, row) => {
        touched.add(key);
        working.set(key, row);
      },
      remove: (key) => {
        touched.add(key);
        working.delete(key);
      },
    },
    entries: () => [...working].sort(([a], [b]) => (a < b ? -1 : 1)),
    durable,
    commit: () => copy(working, durable),
    rollback: () => copy(durable, working),
  };
};
