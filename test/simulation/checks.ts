/**
 * What must hold, at every commit, for every answer, and at rest. Each check
 * reads the disk and not the kernel's word.
 */
import type { Kernel } from '@ocap/kernel';
import { readBooks, type Books } from './books.ts';
import type { Disk } from './disk.ts';
import type { Banks } from './launch-banks.ts';
import type { Answer } from './sim-clients.ts';

export type Checks = Readonly<{
  onCommitted(): void;
  /** An answer has left the kernel: what it says must be on disk. */
  onReleased(answer: Answer): void;
  audit(kernel: Kernel | undefined): void;
  /** What was answered once and for all: applied once, or not at all. */
  answered(answers: ReadonlyMap<string, Answer>): void;
  /** Nothing is under way any more, nobody waits. */
  atRest(kernel: Kernel): void;
  /** And nothing is held for clients any more but by name. */
  afterLeases(kernel: Kernel, banks: Banks, collected: boolean): void;
  /** The books of the last commit. */
  books(): Books;
  /** How much money there is; from now on it must stay so much. */
  setTotal(money: number): void;
}>;

export const makeChecks = (
  disk: Disk,
  report: (problem: string) => void,
): Checks => {
  const { tables } = disk;
  let books = readBooks(disk);
  let total: number | undefined;

  const checkEmpty = (name: keyof Disk['tables']): void => {
    const { size } = tables[name].durable;
    if (size > 0) {
      const [[key, row] = []] = tables[name].durable as Map<unknown, unknown>;
      const first = `${String(key)} ${JSON.stringify(row)}`;
      report(`at rest, ${name} still has ${size} rows: ${first}`);
    }
  };

  /** Every note that a bank sent has arrived, or its sender knows that it has not. */
  const checkNotes = (): void => {
    const sum = (name: string): number =>
      [...books.counts]
        .filter(([key]) => key.includes(` ${name}:bank`))
        .reduce((total_, [, count]) => total_ + count, 0);
    const [sent, received, failed] = [
      sum('sent'),
      sum('received'),
      sum('failed'),
    ];
    if (received + failed !== sent) {
      report(
        `of ${sent} notes ${received} arrived and ${failed} are known to have failed`,
      );
    }
  };

  const audit = (kernel: Kernel | undefined): void => {
    const problems = kernel?.audit().problems ?? [];
    if (problems.length > 0) {
      report(`the audit finds: ${problems.slice(0, 3).join('; ')}`);
    }
  };

  return {
    onCommitted: () => {
      books = readBooks(disk);
      books.problems.forEach(report);
      if (total !== undefined && books.money !== total) {
        report(`there is ${books.money} money on disk and should be ${total}`);
      }
      for (const [id, times] of books.applied) {
        if (times > 1) {
          report(`${id} was applied ${times} times`);
        }
      }
    },
    onReleased: ({ requestId, outcome, data }) => {
      const row = tables.requests.durable.get(requestId);
      if (row?.outcome !== outcome || row.data?.body !== data.body) {
        report(`${requestId} was answered before the answer was on disk`);
      }
    },
    audit,
    answered: (answers) => {
      for (const { requestId, outcome, data } of answers.values()) {
        const times = books.applied.get(requestId) ?? 0;
        const isNote = /^#\d+$/u.test(data.body);
        if (outcome === 'fulfilled' && times !== 1 && !isNote) {
          report(`${requestId} was answered but applied ${times} times`);
        }
      }
    },
    afterLeases: (kernel, banks, collected) => {
      audit(kernel);
      checkEmpty('leases');
      checkEmpty('requests');
      checkEmpty('promises');
      const named = banks.reduce(
        (sum, { purses }) => sum + 1 + purses.length,
        0,
      );
      const { size } = tables.objects.durable;
      if (collected && size !== named) {
        report(`at rest there are ${size} objects, and ${named} have a name`);
      }
    },
    atRest: (kernel) => {
      audit(kernel);
      checkEmpty('inbox');
      checkEmpty('promiseQueue');
      checkEmpty('gcActions');
      checkEmpty('promises');
      checkNotes();
      if (books.underWay > 0) {
        report(`at rest, ${books.underWay} payments are still under way`);
      }
    },
    books: () => books,
    setTotal: (money) => {
      total = money;
    },
  };
};
