import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';

const watcher = `
  if (!baggage.has('log')) baggage.init('log', harden([]));
  if (!baggage.has('handle')) baggage.init('handle', VatData.makeKindHandle('Watcher'));
  const note = (entry) => baggage.set('log', harden([...baggage.get('log'), entry]));
  const makeWatcher = VatData.defineDurableKind(baggage.get('handle'), () => ({}), {
    onFulfilled: (_context, value) => note(['fulfilled', value]),
    onRejected: (_context, reason) => note(['rejected', /VAT_RESTARTED/.test(reason.message)]),
  });
  let settle;
  return makeDefaultExo('W', {
    log: () => baggage.get('log'),
    watchOwn: () => { VatData.watchPromise(new Promise((resolve) => { settle = resolve; }), makeWatcher()); },
    watchIt: (other) => { VatData.watchPromise(E(other).later(), makeWatcher()); },
    later: () => new Promise((resolve) => { settle = resolve; }),
    waitFor: (other) => { E(other).later().catch(() => undefined); },
    settle: (value) => { settle(value); },
    settleToObject: () => { settle(makeDefaultExo('Object', {})); },
  });`;

const untilLogged = async (t: TestKernel, root: string): Promise<unknown> => {
  for (;;) {
    const log = (await t.call(root, 'log')) as unknown[];
    if (log.length > 0) return log;
    await delay(10);
  }
};

it('a promise of its own that a vat watches is rejected to the watcher after a restart', async () => {
  const t = await openTestKernel();
  const root = await t.launch(watcher);
  await t.call(root, 'watchOwn');
  await t.kernel.restartVat('v1');
  expect(await untilLogged(t, root)).toStrictEqual([['rejected', true]]);
});

it('a promise of another vat that settles while the watcher sleeps is told to it', async () => {
  const t = await openTestKernel();
  const [root, other] = [await t.launch(watcher), await t.launch(watcher)];
  await t.call(root, 'watchIt', { '@ref': other });
  await t.kernel.restartVat('v1');
  await t.call(other, 'settle', 7);
  expect(await untilLogged(t, root)).toStrictEqual([['fulfilled', 7]]);
});

it('a promise of another vat that loses its heap is rejected to the watcher', async () => {
  const t = await openTestKernel();
  const [root, other] = [await t.launch(watcher), await t.launch(watcher)];
  await t.call(root, 'watchIt', { '@ref': other });
  await t.reopen();
  expect(await untilLogged(t, root)).toStrictEqual([['rejected', true]]);
});

it('a promise that only the lost heap of a vat waited for leaves nothing with it when it settles', async () => {
  const t = await openTestKernel();
  const [root, other] = [await t.launch(watcher), await t.launch(watcher)];
  await t.call(root, 'waitFor', { '@ref': other });
  await t.kernel.restartVat('v1');
  await t.call(other, 'settleToObject');
  await t.call(root, 'log');
  const imports = t.kernel.executeDBQuery(
    `SELECT vref FROM clist WHERE endpoint = 'v1' AND vref LIKE 'o-%'`,
  );
  expect(imports).toStrictEqual([]);
});
