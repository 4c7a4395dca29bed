/** Subscriptions over a real kernel, as one connection meets them. */
import './daemon/lockdown.ts';
import Database from 'better-sqlite3';
import { limits } from '@ocap/kernel-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeLogLines } from './daemon/log-lines.ts';
import { openWire, type ToldEvent } from './testing/rpc-wire.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const all = { topics: ['vat', 'subcluster', 'grant'] };
const fromOldest = { ...all, cursor: 'oldest' };

const plain = `return makeDefaultExo('Plain', {
  hi: () => 'hi',
  kept: () => makeDefaultExo('Kept', {}),
  flood: () => { baggage.init('big', 'x'.repeat(50_000)); },
});`;

/** Launches a vat and ends it: four events. */
const come = async (t: TestKernel): Promise<void> => {
  await t.launch(plain);
  const [vat] = t.kernel.getStatus().vats.slice(-1);
  await t.kernel.terminateVat(vat?.id ?? '');
};

const what = ({ topic, type }: ToldEvent): string => `${topic} ${type}`;

/** The rows of the events table, as a subscriber is told of them. */
const rowsOf = (t: TestKernel): readonly object[] =>
  t.kernel
    .executeDBQuery('SELECT at, topic, type, about FROM events ORDER BY seq')
    .map(({ about, ...row }) => ({ ...row, ...JSON.parse(String(about)) }));

const withoutPlace = ({
  subscription: _subscription,
  cursor: _cursor,
  ...event
}: ToldEvent): object => event;

describe('a subscription (V-25)', () => {
  it('is told of launch, upgrade, revocation, halt and end, as it happens', async () => {
    const t = await openTestKernel({
      limits: { restartBudget: 1, crankBytes: 20_000 },
    });
    const wire = openWire(t.kernel);
    const { subscription } = await wire.subscribe(all);
    const root = await t.launch(plain);
    await t.kernel.upgradeVat('v1', { bundleSpec: vatSource(plain) });
    const [kept = ''] = (await t.kernel.queueMessage(root, 'kept', [])).slots;
    await t.kernel.revoke(kept);
    for (let failure = 0; failure < 2; failure += 1) {
      await expect(t.call(root, 'flood')).rejects.toThrow(/crankBytes/u);
    }
    await t.kernel.terminateSubcluster('s1');
    const events = await wire.untilEvents(7);
    const told = events.filter(({ type }) => type !== 'lost its process');
    expect(told).toMatchObject([
      { topic: 'vat', type: 'launched', vat: 'v1', name: 'main' },
      { topic: 'subcluster', type: 'launched', subclusterId: 's1' },
      { topic: 'vat', type: 'upgraded', vat: 'v1', name: 'main' },
      { topic: 'grant', type: 'revoked', ref: kept },
      {
        topic: 'vat',
        type: 'halted',
        reason: expect.stringMatching(/budget|more than/u),
      },
      { topic: 'vat', type: 'terminated', vat: 'v1', subclusterId: 's1' },
      { topic: 'subcluster', type: 'ended', subclusterId: 's1' },
    ]);
    for (const event of events) {
      expect(event).toMatchObject({
        subscription,
        cursor: expect.any(String),
        at: expect.any(Number),
      });
    }
    expect(events.map(withoutPlace)).toStrictEqual(rowsOf(t));
  });

  it('is told of its topics only', async () => {
    const t = await openTestKernel();
    const wire = openWire(t.kernel);
    const vats = await wire.subscribe({ topics: ['vat', 'vat'] });
    const others = await wire.subscribe({ topics: ['grant', 'subcluster'] });
    await come(t);
    await wire.untilEvents(4);
    expect(wire.events(vats.subscription).map(what)).toStrictEqual([
      'vat launched',
      'vat terminated',
    ]);
    expect(wire.events(others.subscription).map(what)).toStrictEqual([
      'subcluster launched',
      'subcluster ended',
    ]);
  });

  it('is answered first, and told at once of what was before', async () => {
    const t = await openTestKernel();
    await come(t);
    const wire = openWire(t.kernel);
    await wire.ask('subscribe', fromOldest);
    await wire.ask('ping');
    expect(wire.said.map(({ id, params }) => id ?? params?.type)).toStrictEqual(
      [1, 'launched', 'launched', 'terminated', 'ended', 2],
    );
  });

  it('is told of nothing before it is on disk', async () => {
    const t = await openTestKernel();
    const disk = new Database(t.databasePath, { readonly: true });
    onTestFinished(() => void disk.close());
    const rows = disk.prepare('SELECT count(*) AS n FROM events');
    let told = 0;
    const early: unknown[] = [];
    const wire = openWire(t.kernel, {
      onLine: ({ params }) => {
        if (params === undefined) return;
        told += 1;
        const { n } = rows.get() as { n: number };
        if (n < told) early.push([params, n]);
      },
    });
    await wire.subscribe(fromOldest);
    await Promise.all(Array.from({ length: 5 }, async () => t.launch(plain)));
    await t.kernel.terminateAllVats();
    await wire.untilEvents(20);
    expect(told).toBe(20);
    expect(early).toStrictEqual([]);
  });

  it('goes on from the cursor of any event, also with the next daemon', async () => {
    const t = await openTestKernel();
    const first = openWire(t.kernel);
    const { cursor: begin } = await first.subscribe(all);
    await come(t);
    await come(t);
    const events = await first.untilEvents(8);
    await t.reopen();
    const wire = openWire(t.kernel);
    const cursors = [begin, ...events.map(({ cursor }) => cursor)];
    for (const [place, cursor] of cursors.entries()) {
      const again = await wire.subscribe({ ...all, cursor });
      expect(again.cursor).toBe(cursor);
      const rest = wire.events(again.subscription);
      expect(rest.map(withoutPlace)).toStrictEqual(
        events.slice(place).map(withoutPlace),
      );
      expect(rest.map(({ cursor: next }) => next)).toStrictEqual(
        cursors.slice(place + 1),
      );
      await wire.ask('unsubscribe', again);
    }
  });

  it('goes from what was before to what happens without gap or double', async () => {
    const t = await openTestKernel();
    const wire = openWire(t.kernel);
    const load = (async () => {
      for (let round = 0; round < 10; round += 1) await come(t);
    })();
    const begun: Promise<{ subscription: string }>[] = [];
    for (let at = 0; at < limits.subscriptions.value; at += 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
      begun.push(wire.subscribe(fromOldest));
    }
    await load;
    const expected = rowsOf(t);
    expect(expected).toHaveLength(40);
    for (const { subscription } of await Promise.all(begun)) {
      const events = await wire.untilEvents(40, subscription);
      expect(events.map(withoutPlace)).toStrictEqual(expected);
    }
  });

  it('has one cursor for events and log, each from where it was', async () => {
    const t = await openTestKernel();
    const logs = makeLogLines();
    let line = 0;
    const log = (): void => {
      line += 1;
      const time = new Date(line).toISOString();
      logs.add(JSON.stringify({ level: 'info', time, msg: `line ${line}` }));
    };
    const topics = ['vat', 'log'];
    const first = openWire(t.kernel, { logs });
    await first.subscribe({ topics });
    log();
    await t.launch(plain);
    log();
    await t.kernel.terminateVat('v1');
    log();
    const events = await first.untilEvents(5);
    const names = ({ message, type }: ToldEvent): unknown => message ?? type;
    expect(events.map(names)).toStrictEqual([
      'line 1',
      'launched',
      'line 2',
      'terminated',
      'line 3',
    ]);
    for (const [place, { cursor }] of events.entries()) {
      const wire = openWire(t.kernel, { logs });
      await wire.subscribe({ topics, cursor });
      const rest = events.slice(place + 1);
      // Of what was before, events come first.
      const isLog = ({ topic }: ToldEvent): boolean => topic === 'log';
      expect(wire.events().map(names)).toStrictEqual(
        [...rest.filter((event) => !isLog(event)), ...rest.filter(isLog)].map(
          names,
        ),
      );
      expect(wire.events().at(-1)?.cursor).toBe(
        place === 4 ? undefined : events.at(-1)?.cursor,
      );
    }
  });

  it('tells nothing more after unsubscribe, nor after its connection', async () => {
    const t = await openTestKernel();
    const wire = openWire(t.kernel);
    const one = await wire.subscribe(all);
    const two = await wire.subscribe(all);
    expect(
      await wire.ask('unsubscribe', { subscription: one.subscription }),
    ).toMatchObject({ result: null });
    await come(t);
    await wire.untilEvents(4, two.subscription);
    expect(wire.events(one.subscription)).toStrictEqual([]);
    const opening = wire.subscribe(fromOldest);
    wire.close();
    await opening;
    await come(t);
    expect(wire.events()).toHaveLength(4);
    for (const { subscription } of [one, { subscription: 'sub9' }]) {
      expect(await wire.ask('unsubscribe', { subscription })).toMatchObject({
        error: { code: 1000, data: { code: 'SUBSCRIPTION_UNKNOWN' } },
      });
    }
  });

  it('is one of as many as the limit says, and one more is refused', async () => {
    const t = await openTestKernel();
    const wire = openWire(t.kernel);
    const max = limits.subscriptions.value;
    // Together, so that those that are still being opened count.
    const answers = await Promise.all(
      Array.from({ length: max + 1 }, async () => wire.ask('subscribe', all)),
    );
    const refused = answers.filter(({ error }) => error !== undefined);
    expect(refused).toMatchObject([
      {
        error: {
          message: expect.stringContaining(`${max + 1} of at most ${max}`),
          data: { code: 'LIMIT_REACHED' },
        },
      },
    ]);
    await wire.ask('unsubscribe', ['sub1']);
    await wire.subscribe(all);
    expect(await wire.ask('subscribe', all)).toHaveProperty('error');
    // Another connection has its own.
    await openWire(t.kernel).subscribe(all);
  });
});

describe('a cursor that cannot be gone on from (V-25)', () => {
  const kept = 4;
  const gap = { type: 'gap', reason: expect.stringMatching(/kept/u) };

  /** So many events after the cursor, of which `kept` are kept. */
  const after = async (
    launches: number,
  ): Promise<Readonly<{ t: TestKernel; cursor: string }>> => {
    const t = await openTestKernel({ limits: { eventsKept: kept } });
    await come(t);
    const wire = openWire(t.kernel);
    const { cursor } = await wire.subscribe(all);
    for (let count = 0; count < launches; count += 1) {
      // The third and fourth of these end what the first two began.
      if (count < 2) await t.launch(plain);
      else await t.kernel.terminateVat(`v${count}`);
    }
    return { t, cursor };
  };

  it('is none as long as its event is kept', async () => {
    const t = await openTestKernel({ limits: { eventsKept: kept } });
    const wire = openWire(t.kernel);
    await wire.subscribe(all);
    await come(t);
    const [first] = await wire.untilEvents(4);
    const again = await wire.subscribe({ ...all, cursor: first?.cursor });
    expect(wire.events(again.subscription).map(what)).toStrictEqual([
      'subcluster launched',
      'vat terminated',
      'subcluster ended',
    ]);
    // With one event more it is forgotten.
    await t.launch(plain);
    const late = await wire.subscribe({ ...all, cursor: first?.cursor });
    expect(wire.events(late.subscription).slice(0, 3)).toMatchObject([
      { topic: 'vat', ...gap },
      { topic: 'subcluster', ...gap },
      { topic: 'grant', ...gap },
    ]);
  });

  it('is told as a gap of each topic, before what is kept', async () => {
    const { t, cursor } = await after(4);
    const wire = openWire(t.kernel);
    const { subscription, cursor: begin } = await wire.subscribe({
      topics: ['vat', 'subcluster'],
      cursor,
    });
    expect(begin).toBe(cursor);
    const events = wire.events(subscription);
    expect(events.map(what)).toStrictEqual([
      'vat gap',
      'subcluster gap',
      'vat terminated',
      'subcluster ended',
      'vat terminated',
      'subcluster ended',
    ]);
    // Who is cut off between the gaps is told of all of them again.
    const cursors = events.map((event) => event.cursor);
    expect(cursors[0]).toBe(cursor);
    for (const [place, next] of cursors.entries()) {
      if (place === 0) continue;
      const again = await wire.subscribe({
        topics: ['vat', 'subcluster'],
        cursor: next,
      });
      expect(wire.events(again.subscription).map(withoutPlace)).toStrictEqual(
        events.slice(place + 1).map(withoutPlace),
      );
    }
  });

  it.each<[string, (other: ToldEvent) => string]>([
    ['of another database', ({ cursor }) => cursor],
    ['of a number that is not reached yet', () => 'e1000.1000'],
    ['of such a number, and without a time', () => 'e1000'],
    ['of another event of this number', () => 'e2.1000'],
  ])('%s is told as a gap, before what is kept', async (_title, make) => {
    const other = await openTestKernel();
    const otherWire = openWire(other.kernel);
    await otherWire.subscribe(all);
    await come(other);
    const [, second] = await otherWire.untilEvents(4);
    const t = await openTestKernel();
    await come(t);
    const wire = openWire(t.kernel);
    await wire.subscribe({
      topics: ['vat'],
      cursor: make(second as ToldEvent),
    });
    await t.launch(plain);
    const events = await wire.untilEvents(4);
    expect(events.map(what)).toStrictEqual([
      'vat gap',
      'vat launched',
      'vat terminated',
      'vat launched',
    ]);
    expect(events[0]).toMatchObject(gap);
  });

  it('of before the first event is told as a gap once that is forgotten', async () => {
    const { t } = await after(4);
    const wire = openWire(t.kernel);
    await wire.subscribe({ topics: ['vat'], cursor: 'e0' });
    expect(wire.events().map(what)).toStrictEqual([
      'vat gap',
      'vat terminated',
      'vat terminated',
    ]);
  });

  it('is told where events in the middle are forgotten, as by a lower limit', async () => {
    const t = await openTestKernel();
    await come(t);
    await come(t);
    await t.reopen({ limits: { eventsKept: 2 } });
    await come(t);
    const wire = openWire(t.kernel);
    await wire.subscribe({ topics: ['vat'], cursor: 'e2' });
    expect(wire.events().map(what)).toStrictEqual([
      'vat terminated',
      'vat launched',
      'vat gap',
      'vat terminated',
    ]);
  });

  it('"oldest" is none: what is kept follows', async () => {
    const { t } = await after(4);
    const wire = openWire(t.kernel);
    await wire.subscribe(fromOldest);
    expect(wire.events().map(withoutPlace)).toStrictEqual(rowsOf(t));
    expect(wire.events()).toHaveLength(kept);
  });
});
