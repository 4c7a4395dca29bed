import { describe, expect, it, vi } from 'vitest';
import { makeJournal } from './journal.ts';
import { makeQueues } from './queues.ts';
import { makeTable } from './table.ts';

/** A backend that remembers what it was told to do. */
const makeMemory = <Row>(rows: Record<string, Row> = {}) => {
  const stored = new Map(Object.entries(rows));
  const done: string[] = [];
  return {
    stored,
    done,
    read: (key: string) => stored.get(key),
    write: (key: string, row: Row) => {
      done.push(`write ${key}`);
      stored.set(key, row);
    },
    remove: (key: string) => {
      done.push(`remove ${key}`);
      stored.delete(key);
    },
  };
};

describe('a table', () => {
  it('writes what changed when it is flushed, and only then', () => {
    const memory = makeMemory({ a: 1, b: 2 });
    const table = makeTable<string, number>(makeJournal(), memory);
    table.set('a', 10);
    table.set('a', 11);
    table.delete('b');
    table.set('c', 3);
    expect([table.get('a'), table.get('b'), table.get('c')]).toStrictEqual([
      11,
      undefined,
      3,
    ]);
    expect(memory.done).toStrictEqual([]);
    table.flush();
    expect(memory.done).toStrictEqual(['write a', 'remove b', 'write c']);
    table.flush();
    expect(memory.done).toHaveLength(3);
  });

  it('spares the database a row that came and went', () => {
    const memory = makeMemory<number>();
    const table = makeTable<string, number>(makeJournal(), memory);
    table.set('a', 1);
    table.delete('a');
    table.flush();
    expect(memory.done).toStrictEqual([]);
  });

  it('removes a row that went, came and went', () => {
    const memory = makeMemory({ a: 1 });
    const table = makeTable<string, number>(makeJournal(), memory);
    table.delete('a');
    table.set('a', 2);
    table.delete('a');
    table.flush();
    expect(memory.stored.has('a')).toBe(false);
  });

  it('is as it was when a savepoint is undone, also on disk', () => {
    const memory = makeMemory({ a: 1, b: 2 });
    const journal = makeJournal();
    const table = makeTable<string, number>(journal, memory);
    table.set('b', 20);
    expect(() =>
      journal.savepoint(() => {
        table.set('a', 5);
        table.delete('b');
        table.set('c', 3);
        throw Error('no');
      }),
    ).toThrow('no');
    expect([table.get('a'), table.get('b'), table.get('c')]).toStrictEqual([
      1,
      20,
      undefined,
    ]);
    table.flush();
    expect(Object.fromEntries(memory.stored)).toStrictEqual({ a: 1, b: 20 });
  });

  it('does not look for what is new', () => {
    const memory = makeMemory<number>();
    const journal = makeJournal();
    const read = vi.spyOn(memory, 'read');
    const table = makeTable<string, number>(journal, memory);
    table.add('a', 1);
    expect(() =>
      journal.savepoint(() => {
        table.add('b', 2);
        throw Error('no');
      }),
    ).toThrow('no');
    table.add('c', 3);
    table.delete('c');
    expect([table.get('a'), table.get('b')]).toStrictEqual([1, undefined]);
    table.flush();
    expect(Object.fromEntries(memory.stored)).toStrictEqual({ a: 1 });
    expect(read).not.toHaveBeenCalled();
  });

  it('reads again what it no longer has in memory', () => {
    const memory = makeMemory<number>();
    const table = makeTable<string, number>(makeJournal(), memory, {
      rows: 0,
    });
    table.set('a', 1);
    table.flush();
    memory.stored.set('a', 7);
    expect(table.get('a')).toBe(1);
    table.onCommitted();
    expect(table.get('a')).toBe(7);
  });

  it('writes again what came to nothing, and removes what did', () => {
    const before = { a: 1, b: 2, c: 3 };
    const memory = makeMemory<number>(before);
    const table = makeTable<string, number>(makeJournal(), memory, {
      rows: 0,
    });
    table.set('a', 10);
    table.delete('b');
    table.delete('c');
    table.set('d', 4);
    table.flush();
    // In the transaction that comes to nothing it was removed already.
    table.set('c', 30);
    table.delete('c');
    table.set('d', 40);
    memory.stored.clear();
    Object.entries(before).forEach(([key, row]) => memory.stored.set(key, row));
    table.onUndone();
    expect(['a', 'b', 'c', 'd'].map(table.get)).toStrictEqual([
      10,
      undefined,
      undefined,
      40,
    ]);
    table.flush();
    table.onCommitted();
    expect(Object.fromEntries(memory.stored)).toStrictEqual({ a: 10, d: 40 });
  });
});

describe('a journal', () => {
  it('undoes an inner savepoint without the outer one', () => {
    const journal = makeJournal();
    const log: string[] = [];
    journal.savepoint(() => {
      journal.record(() => log.push('undo outer'));
      expect(() =>
        journal.savepoint(() => {
          journal.record(() => log.push('undo 1'));
          journal.record(() => log.push('undo 2'));
          throw Error('inner');
        }),
      ).toThrow('inner');
    });
    expect(log).toStrictEqual(['undo 2', 'undo 1']);
  });

  it('runs what waits for the outermost savepoint only if it is kept', () => {
    const journal = makeJournal();
    const log: string[] = [];
    journal.whenKept(() => log.push('at once'));
    journal.savepoint(() => {
      journal.whenKept(() => log.push('kept'));
      expect(() =>
        journal.savepoint(() => {
          journal.whenKept(() => log.push('undone'));
          throw Error('inner');
        }),
      ).toThrow('inner');
      expect(log).toStrictEqual(['at once']);
    });
    expect(log).toStrictEqual(['at once', 'kept']);
  });
});

describe('queues', () => {
  const makeAll = (pending: { seq: number; owner: 'x' | 'y' }[] = []) => {
    const journal = makeJournal();
    const memory = makeMemory<string>();
    const backend = {
      read: (seq: number) => memory.read(String(seq)),
      write: (seq: number, row: string) => memory.write(String(seq), row),
      remove: (seq: number) => memory.remove(String(seq)),
    };
    const table = makeTable<number, string>(journal, backend);
    return {
      journal,
      queues: makeQueues<'x' | 'y', string>(
        journal,
        table,
        pending,
        () => undefined,
      ),
    };
  };

  it('keep the order of arrival for each owner', () => {
    const { queues } = makeAll([{ seq: 4, owner: 'x' }]);
    queues.append('y', 'other');
    const second = queues.append('x', 'b');
    expect(queues.list('x')).toStrictEqual([4, second]);
    expect(queues.following('x', 4)).toBe(second);
    expect(queues.following('x', second)).toBeUndefined();
    expect(queues.size('x')).toBe(2);
  });

  it('put a removed item back in its place when it is undone', () => {
    const { journal, queues } = makeAll();
    const seqs = ['a', 'b', 'c'].map((row) => queues.append('x', row));
    expect(() =>
      journal.savepoint(() => {
        queues.remove('x', seqs[1] ?? 0);
        queues.remove('x', seqs[0] ?? 0);
        queues.append('x', 'd');
        throw Error('no');
      }),
    ).toThrow('no');
    expect(queues.list('x')).toStrictEqual(seqs);
    expect(queues.list('x').map((seq) => queues.get(seq))).toStrictEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('forget an owner that has nothing left', () => {
    const { queues } = makeAll();
    queues.remove('x', queues.append('x', 'a'));
    expect(queues.owners()).toStrictEqual([]);
  });
});
