/**
 * A kernel whose disk takes nothing for a while: calls are refused, nothing that
 * was applied is lost or told, and it goes on when there is room again.
 */
import './daemon/lockdown.ts';
import Database from 'better-sqlite3';
import { beforeEach, expect, it, vi } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const statement = new Database(':memory:').prepare('SELECT 1');
const prototype = Object.getPrototypeOf(statement) as Database.Statement;

const counter = `
  if (!baggage.has('n')) baggage.init('n', 0);
  return makeDefaultExo('Counter', {
    count: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
  });`;

/** Each commit is undone and fails with this code of SQLite, until `mend`. */
const breakDisk = (code: string): Readonly<{ mend(): void }> => {
  // Called with the statement as its `this`, below.
  const { run } = prototype;
  const spy = vi.spyOn(prototype, 'run').mockImplementation(function (
    this: Database.Statement,
    ...parameters: unknown[]
  ) {
    if (this.source !== 'COMMIT') return run.apply(this, parameters);
    this.database.exec('ROLLBACK');
    throw new Database.SqliteError('no room', code);
  });
  return { mend: () => spy.mockRestore() };
};

const untilFull = async ({ kernel }: TestKernel): Promise<void> =>
  vi.waitFor(() => expect(kernel.getStatus().storage).toBeDefined());

let self: TestKernel;
let root: string;
beforeEach(async () => {
  self = await openTestKernel();
  root = await self.launch(counter);
  await self.kernel.setName('counter', root);
});

it.each(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'])(
  'refuses calls while a commit fails with %s, and goes on when it does not',
  async (code) => {
    expect(await self.call(root, 'count')).toBe(1);
    const disk = breakDisk(code);
    const waiting = self.call(root, 'count');
    await untilFull(self);
    await expect(self.call(root, 'count')).rejects.toMatchObject({
      code: 'STORAGE_FULL',
    });
    await expect(self.kernel.setName('again', root)).rejects.toMatchObject({
      code: 'STORAGE_FULL',
    });
    expect(self.kernel.listNames()).toStrictEqual([
      { name: 'counter', kref: root },
    ]);
    expect(self.kernel.getStatus().storage).toMatchObject({
      problem: 'no room',
    });
    disk.mend();
    expect(await waiting).toBe(2);
    expect(self.kernel.getStatus().storage).toBeUndefined();
    expect(await self.call(root, 'count')).toBe(3);
    await self.reopen();
    expect(await self.call(root, 'count')).toBe(4);
  },
);

it('tells who waits that it may take long, and does what they asked for all the same', async () => {
  const disk = breakDisk('SQLITE_FULL');
  await expect(
    self.kernel.queueMessage('counter', 'count', [], { requestId: 'once' }),
  ).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await expect(self.call(root, 'count')).rejects.toMatchObject({
    code: 'STORAGE_FULL',
  });
  disk.mend();
  await vi.waitFor(
    () => expect(self.kernel.getStatus().storage).toBeUndefined(),
    5000,
  );
  const again = await self.kernel.queueMessage('counter', 'count', [], {
    requestId: 'once',
  });
  expect(again.body).toBe('#1');
  expect(await self.call(root, 'count')).toBe(2);
});

it('is stopped while there is no room, without what nobody was told of', async () => {
  const disk = breakDisk('SQLITE_FULL');
  const waiting = self.call(root, 'count');
  const interrupted = expect(waiting).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
  await untilFull(self);
  await self.kernel.stop();
  await interrupted;
  disk.mend();
  await self.reopen();
  expect(await self.call(root, 'count')).toBe(1);
});

it('deletes the rows of vats that are gone, also where a commit of that came to nothing', async () => {
  const many = await self.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { bundleSpec: vatSource(filler) } },
  });
  await self.call(many.rootKref, 'fill', 3000);
  const [vatId = ''] = Object.values(many.vats);
  await self.kernel.terminateVat(vatId);
  const disk = breakDisk('SQLITE_FULL');
  await untilFull(self);
  disk.mend();
  const rows = `SELECT COUNT(*) AS n FROM vatstore WHERE vat_id = '${vatId}'`;
  await vi.waitFor(
    () => expect(self.kernel.executeDBQuery(rows)).toStrictEqual([{ n: 0 }]),
    5000,
  );
});

const filler = `
  const map = VatData.makeScalarBigMapStore('map', { durable: true });
  return makeDefaultExo('Filler', {
    fill: (n) => { for (let i = 0; i < n; i += 1) map.init(i, i); },
  });`;
