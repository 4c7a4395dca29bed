/**
 * Opens databases as the daemon does, looks them through, and says what is wrong
 * with each: a line of JSON in, a line of JSON out. A program, because it must
 * be under lockdown, and so that there can be several.
 */
import '../../../packages/nodejs/src/daemon/lockdown.ts';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf } from '@ocap/kernel-utils';
import { makeAudit } from '../../../packages/kernel/src/audit.ts';
import { makeKernelStore } from '../../../packages/kernel/src/store/kernel-store.ts';
import { makeVatRuntimes } from '../../../packages/kernel/src/vat-runtimes.ts';
import { openSqliteBackend } from '../../../packages/nodejs/src/store/sqlite-backend.ts';
import type { ImageOrder, ImageReport } from './image-reports.ts';

/** The entries of the map `memos` of the bank: how often a transfer was made. */
const memosOfBank =
  "SELECT key, value FROM vatstore WHERE key GLOB 'vc.*.sm[0-9]*'";

const problemsOf = ({ folder, answered }: ImageOrder): readonly string[] => {
  const backend = openSqliteBackend(join(folder, 'kernel.sqlite'));
  try {
    const store = makeKernelStore(backend);
    const vats = makeVatRuntimes(backend.scan.vatIds());
    const { problems } = makeAudit({ store, vats })();
    const made = new Map(
      backend
        .query(memosOfBank)
        .map(({ key, value }) => [
          String(key).replace(/^.*\.s/u, ''),
          String(value),
        ]),
    );
    const missing = answered.filter(
      (memo) =>
        store.requests.get(memo)?.outcome !== 'fulfilled' || !made.has(memo),
    );
    const twice = [...made].filter(([, value]) => !value.includes('#1"'));
    return [
      ...problems,
      ...missing.map((memo) => `${memo} was answered, and is missing`),
      ...twice.map(
        ([memo, value]) => `${memo} was made more than once: ${value}`,
      ),
    ];
  } finally {
    backend.close();
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as ImageOrder;
  let problems: readonly string[];
  try {
    problems = problemsOf(order);
  } catch (error) {
    problems = [`it does not open: ${messageOf(error)}`];
  }
  const report: ImageReport = { number: order.number, problems };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
