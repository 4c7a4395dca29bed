/**
 * What must hold, at every commit, for every answer, and at rest. Each check
 * reads the disks and not the kernels' word.
 */
import { readBooks, type Books } from './books.ts';
import type { Disk } from './disk.ts';
import { disagreements } from './pair-checks.ts';
import type { Answer } from './sim-clients.ts';
import type { SimKernel } from './sim-kernel.ts';

export type Checks = Readonly<{
  onCommitted(kernel: SimKernel): void;
  /** An answer has left the kernel: what it says must be on disk. */
  onReleased(kernel: SimKernel, answer: Answer): void;
  audit(): void;
  /** What was answered once and for all: applied once, or not at all. */
  answered(): void;
  /** Nothing is under way any more, nobody waits. */
  atRest(): void;
  /** The same after kernels have begun anew with each other. */
  parted(): void;
  /** And nothing is held for clients any more but by name. */
  afterLeases(collected: boolean): void;
  /** What the disks say of all purses, and of what may still be on its way. */
  money(): Readonly<{ money: number; moneyUnderWay: number }>;
  /** How much money there is; from now on it must stay so much. */
  setTotal(money: number): void;
}>;

/** Objects that two kernels have of each other from the start: see remotes/gates.ts. */
const GATES = 2;

export const makeChecks = (
  kernels: readonly SimKernel[],
  report: (problem: string) => void,
): Checks => {
  const books = new Map<SimKernel, Books>();
  let total: number | undefined;

  const sumOver = (count: (books: Books) => number): number =>
    [...books.values()].reduce((sum, one) => sum + count(one), 0);

  const checkEmpty = (
    { name, disk }: SimKernel,
    table: keyof Disk['tables'],
  ): void => {
    const { size } = disk.tables[table].durable;
    if (size > 0) {
      const rows = disk.tables[table].durable as Map<unknown, unknown>;
      const [[key, row] = []] = rows;
      const first = `${String(key)} ${JSON.stringify(row)}`;
      report(`${name}: at rest, ${table} still has ${size} rows: ${first}`);
    }
  };

  const money: Checks['money'] = () => ({
    money: sumOver((one) => one.money),
    moneyUnderWay: sumOver((one) => one.moneyUnderWay),
  });

  /**
   * What is paid is gone before it can arrive. A kernel hears later than it
   * happens that it has arrived at another, so meanwhile it counts in both.
   */
  const checkMoney = (): void => {
    const found = money();
    const most = found.money + found.moneyUnderWay;
    if (total === undefined || (total === found.money && total === most)) {
      return;
    }
    const isExact = kernels.length === 1;
    if (found.money > total || most < total || (isExact && most !== total)) {
      report(
        `there is ${found.money} money on disk, ${found.moneyUnderWay} under way, and should be ${total}`,
      );
    }
  };

  const timesApplied = (requestId: string): number =>
    sumOver(({ applied }) => applied.get(requestId) ?? 0);

  /** Every note that a bank sent has arrived, or its sender knows that it has not. */
  const checkNotes = (): void => {
    const sum = (name: string): number =>
      sumOver(({ counts }) =>
        [...counts]
          .filter(([key]) => key.includes(` ${name}:bank`))
          .reduce((sum_, [, count]) => sum_ + count, 0),
      );
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

  const audit = (): void => {
    for (const { name, running } of kernels) {
      const problems = running()?.audit().problems ?? [];
      if (problems.length > 0) {
        const some = problems.slice(0, 3).join('; ');
        report(`${name}: the audit finds: ${some}`);
      }
    }
  };

  const checkPairs = (): void =>
    kernels.forEach((one, index) => {
      for (const other of kernels.slice(index + 1)) {
        disagreements(one, other).forEach(report);
      }
    });

  const checkSize = ({ name, disk: { tables } }: SimKernel): void => {
    const named = tables.names.durable.size;
    const gates = GATES * tables.remotes.durable.size;
    const { size } = tables.objects.durable;
    if (size !== named + gates) {
      report(
        `${name}: at rest there are ${size} objects; ${named} have a name, ${gates} are gates`,
      );
    }
  };

  const checkAnswers = ({ name, running }: SimKernel): void => {
    for (const peer of running()?.getStatus().remoteComms?.peers ?? []) {
      const { id, parked, answers, answerChars } = peer;
      if (parked !== 0 || answers !== 0 || answerChars !== 0) {
        report(
          `${name}: at rest ${parked} messages of ${id} are counted, and ${answers} answers with ${answerChars} characters for it`,
        );
      }
    }
  };

  /** Nothing is under way, and all kernels have the same of each other. */
  const checkQuiet = (): void => {
    audit();
    for (const kernel of kernels) {
      checkEmpty(kernel, 'inbox');
      checkEmpty(kernel, 'promiseQueue');
      checkEmpty(kernel, 'gcActions');
      checkEmpty(kernel, 'promises');
      checkEmpty(kernel, 'remoteOutbox');
      checkEmpty(kernel, 'staleNames');
      checkAnswers(kernel);
    }
    checkPairs();
  };

  return {
    onCommitted: (kernel) => {
      const read = readBooks(kernel.disk);
      books.set(kernel, read);
      read.problems.forEach((problem) => report(`${kernel.name}: ${problem}`));
      checkMoney();
      for (const id of read.applied.keys()) {
        const times = timesApplied(id);
        if (times > 1) {
          report(`${id} was applied ${times} times`);
        }
      }
    },
    onReleased: ({ disk }, { requestId, outcome, data }) => {
      const row = disk.tables.requests.durable.get(requestId);
      if (row?.outcome !== outcome || row.data?.body !== data.body) {
        report(`${requestId} was answered before the answer was on disk`);
      }
    },
    audit,
    answered: () => {
      for (const { clients } of kernels) {
        for (const { requestId, outcome, data } of clients.answered.values()) {
          const times = timesApplied(requestId);
          const isNote = /^#\d+$/u.test(data.body);
          if (outcome === 'fulfilled' && times !== 1 && !isNote) {
            report(`${requestId} was answered but applied ${times} times`);
          }
        }
      }
    },
    atRest: () => {
      checkQuiet();
      checkNotes();
      const underWay = sumOver((one) => one.underWay);
      if (underWay > 0) {
        report(`at rest, ${underWay} payments are still under way`);
      }
    },
    parted: checkQuiet,
    afterLeases: (collected) => {
      audit();
      checkPairs();
      for (const kernel of kernels) {
        checkEmpty(kernel, 'leases');
        checkEmpty(kernel, 'requests');
        checkEmpty(kernel, 'promises');
        if (collected) {
          checkEmpty(kernel, 'introductions');
          checkEmpty(kernel, 'shortcuts');
          checkSize(kernel);
        }
      }
    },
    money,
    setTotal: (all) => {
      total = all;
    },
  };
};
