import './daemon/lockdown.ts';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { copyRestored, writeBackup } from './store/backup.ts';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const counter = `return makeDefaultExo('Counter', {
  next: () => {
    const n = baggage.has('n') ? baggage.get('n') + 1 : 1;
    if (n === 1) baggage.init('n', n); else baggage.set('n', n);
    return n;
  },
  ask: (other) => E(other).next(),
});`;

/** Stops it, and starts it from the backup. */
const restore = async (t: TestKernel, backup: string): Promise<void> => {
  await t.kernel.stop();
  const draft = `${t.databasePath}.draft`;
  copyRestored(backup, draft);
  for (const suffix of ['-wal', '-shm']) {
    rmSync(`${t.databasePath}${suffix}`, { force: true });
  }
  renameSync(draft, t.databasePath);
  await t.reopen();
};

it('a kernel that goes back to an earlier state meets others anew', async () => {
  const { kernels } = await openLinkedKernels(2);
  const [a, b] = kernels as [TestKernel, TestKernel];
  const [ofA, ofB] = [await a.launch(counter), await b.launch(counter)];
  await a.kernel.setName('counter', ofA);
  const aAtB = await share(a, ofA, b);
  const bAtA = await share(b, ofB, a);
  await a.kernel.setName('far', bAtA);
  const askFromB = async (target: string): Promise<unknown> =>
    b.call(ofB, 'ask', { '@ref': target });
  expect(await askFromB(aAtB)).toBe(1);

  const backup = `${a.databasePath}.backup`;
  writeBackup(a.databasePath, backup);
  expect(existsSync(backup)).toBe(true);
  // What the peer hears from now on, the earlier state knows nothing of.
  for (const n of [2, 3, 4]) {
    expect(await askFromB(aAtB)).toBe(n);
    expect(await a.call(ofA, 'ask', { '@ref': bAtA })).toBe(n - 1);
  }

  await restore(a, backup);
  // On either side, what pointed to the other has ended.
  await expect(askFromB(aAtB)).rejects.toThrow(/lost its state/u);
  await expect(a.call(ofA, 'ask', { '@ref': 'far' })).rejects.toThrow(
    /an earlier state was restored/u,
  );
  // Nobody is cut off: what is shared anew works, on the state of then.
  expect(await askFromB(await share(a, ofA, b))).toBe(2);
  expect(await a.call(ofA, 'ask', { '@ref': await share(b, ofB, a) })).toBe(4);
  // It is said once: the next start goes on.
  await a.reopen();
  expect(await askFromB(await share(a, ofA, b))).toBe(3);
});
