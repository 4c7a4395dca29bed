/**
 * Check 14. New code for a vat that runs. Good code takes over everything that is
 * durable, and what lived in the heap is told to be gone; with bad code the old
 * vat goes on as if nothing had been asked, heap and all.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, type Json } from '@ocap/kernel-utils';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { makeRandom } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { bad, slow, version, type Bad } from './tools/upgrade-code.ts';

/** Bad upgrades at the same time, each of another vat. */
const LANES = 2;

export const check: Check = {
  number: 14,
  id: 'vat-upgrade',
  title: 'new code for a vat, good and bad',
  run: async ({ openDaemon, mode, seed, amount }) => {
    const daemon = await openDaemon();
    const facts: Fact[] = [];
    facts.push(...(await upgradeWell(daemon, amount(1, 30))));
    const queue = mode === 'quick' ? [...bad] : [...bad, ...slow];
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        facts.push(...(await upgradeBadly(daemon, next)));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    facts.push(...(await upgradeUnderLoad(daemon, amount(50, 2000))));
    const random = makeRandom(seed);
    for (let round = amount(2, 60); round > 0; round -= 1) {
      facts.push(...(await killDuring(daemon, random.integer(0, 120))));
    }
    return judge(facts, {
      value: `${bad.length} bad upgrades`,
      limit:
        'good: baggage kept, heap-only exports reject; bad: the old vat still answers',
    });
  },
};

/** A vat with something in every place where something can be kept. */
const openScene = async (daemon: ScoreDaemon) => {
  const { client } = daemon;
  const { id, root } = await launchVat(daemon, version('0'));
  // Of all scenes in one process: it is only looked at from outside.
  const other = await launchVat(daemon, version('0'), { placement: 'shared' });
  const slotOf = async (method: string, ...args: Json[]): Promise<string> =>
    (await client.send(root, method, args)).slots[0] ?? '';
  const ticket = await slotOf('ticket', 'ann');
  const reader = await slotOf('reader');
  const heap = await slotOf('heap');
  await client.call(root, 'keep', { '@ref': other.root });
  await client.call(other.root, 'keep', { '@ref': root });
  await client.call(root, 'inc');
  await client.call(root, 'beat');
  const ask = async (target: string, method: string): Promise<string> =>
    client.call(target, method).then(String, messageOf);
  return {
    id,
    root,
    ask,
    close: async () => {
      for (const vat of [id, other.id]) {
        await client.rpc('terminateVat', { id: vat }).catch(messageOf);
      }
    },
    /** The beats of its heap are asked for with it, so they go on by one. */
    look: async () => ({
      version: await ask(root, 'version'),
      inc: await ask(root, 'inc'),
      beat: await ask(root, 'beat'),
      ticket: await ask(ticket, 'show'),
      reader: await ask(reader, 'read'),
      heap: await ask(heap, 'hi'),
      fromOther: await ask(other.root, 'callKept'),
      toOther: await ask(root, 'callKept'),
    }),
    upgrade: async (bundleSpec: string, more: Record<string, Json> = {}) =>
      client
        .rpc('upgradeVat', { id, bundleSpec, ...more })
        .then(() => 'upgraded', messageOf),
    store: async (): Promise<string> =>
      JSON.stringify([
        await daemon.query(`SELECT * FROM vatstore WHERE vat_id = '${id}'`),
        await daemon.query(
          `SELECT config, bundle_hash, incarnation FROM vats WHERE id = '${id}'`,
        ),
      ]),
  };
};

/** How what is found compares with what should be; texts that begin with `/` are patterns. */
const same = (
  what: string,
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string | RegExp>>,
): readonly Fact[] =>
  Object.entries(wanted).map(([name, value]) => ({
    fact: `${what}: ${name} is ${value}`,
    holds:
      typeof value === 'string'
        ? found[name] === value
        : value.test(found[name] ?? ''),
    found: found[name] ?? 'nothing',
  }));

const upgradeWell = async (
  daemon: ScoreDaemon,
  times: number,
): Promise<readonly Fact[]> => {
  const scene = await openScene(daemon);
  const waiting = scene.ask(scene.root, 'wait');
  const facts: Fact[] = [];
  for (let n = 1; n <= times; n += 1) {
    const label = String(n);
    const told = await scene.upgrade(vatSource(version(label)), {
      parameters: { colour: label },
    });
    facts.push(...same(`good upgrade ${n}`, { told }, { told: 'upgraded' }));
    facts.push(
      ...same(`good upgrade ${n}`, await scene.look(), {
        version: label,
        inc: String(n + 1),
        beat: '1',
        ticket: `${label} ann`,
        reader: `${label} 0`,
        heap: /upgraded.*OBJECT_GONE/u,
        fromOther: label,
        toOther: '0',
      }),
      ...same(
        `good upgrade ${n}`,
        { parameters: await scene.ask(scene.root, 'parameters') },
        { parameters: '[object Object]' },
      ),
    );
  }
  const told = await waiting;
  await daemon.kill();
  await daemon.start();
  return [
    ...facts,
    ...same('a promise of its heap', { told }, { told: /upgraded/u }),
    ...same('after kill -9', await scene.look(), {
      version: String(times),
      inc: String(times + 2),
      ticket: `${times} ann`,
      fromOther: String(times),
    }),
  ];
};

const upgradeBadly = async (
  daemon: ScoreDaemon,
  [name, bundleSpec]: Bad,
): Promise<readonly Fact[]> => {
  const scene = await openScene(daemon);
  const before = await scene.store();
  const told = await scene.upgrade(bundleSpec);
  const after = await scene.store();
  const found = await scene.look();
  await scene.close();
  const what = `new code that ${name}`;
  return [
    ...same(what, { told }, { told: /not upgraded|cannot be read|not valid/u }),
    {
      fact: `${what}: no row of the vat has changed`,
      holds: before === after,
    },
    ...same(what, found, {
      version: '0',
      inc: '2',
      beat: '2',
      ticket: '0 ann',
      reader: '0 0',
      heap: 'hi',
      fromOther: '0',
      toOther: '0',
    }),
  ];
};

/** Calls that come in meanwhile are answered in their order, by the one or the other. */
const upgradeUnderLoad = async (
  daemon: ScoreDaemon,
  calls: number,
): Promise<readonly Fact[]> => {
  const scene = await openScene(daemon);
  const upgrading = scene.upgrade(vatSource(version('new')));
  const answers = await Promise.all(
    Array.from({ length: calls }, async () => scene.ask(scene.root, 'inc')),
  );
  return [
    {
      fact: 'calls during an upgrade are answered in order, and once',
      holds: answers.every((answer, i) => answer === String(i + 2)),
      found: answers
        .filter((answer, i) => answer !== String(i + 2))
        .slice(0, 5),
    },
    ...same('under load', { told: await upgrading }, { told: 'upgraded' }),
  ];
};

/** It is the old vat or the new one, and all of it is. */
const killDuring = async (
  daemon: ScoreDaemon,
  afterMs: number,
): Promise<readonly Fact[]> => {
  const scene = await openScene(daemon);
  const upgrading = scene.upgrade(vatSource(version('new')));
  await delay(afterMs);
  await daemon.kill();
  const told = await upgrading;
  await daemon.start();
  const found = await scene.look();
  await scene.close();
  const is = found.version === 'new' ? 'new' : '0';
  return [
    ...same(`killed ${afterMs} ms into an upgrade`, found, {
      version: told === 'upgraded' ? 'new' : is,
      inc: '2',
      ticket: `${is} ann`,
      reader: `${is} 0`,
      fromOther: is,
    }),
  ];
};

await runAlone(import.meta.url, check);
