/**
 * Check 10. The files of a database are changed while no daemon runs: one byte
 * flipped somewhere, cut off, overwritten. The next daemon must refuse to start,
 * with a message that names the way back, or everything that it serves must be
 * what it was: each is compared.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@ocap/kernel-utils';
import { makeRandom, type Random } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { differences, dumpStore, type Dump } from './tools/dump-store.ts';
import { judge, type Fact } from './tools/facts.ts';
import { hasEnded } from './tools/has-ended.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { DaemonOptions, ScoreDaemon } from './tools/score-daemon.ts';

const SUFFIXES = ['', '-wal', '-shm'] as const;
const PAGE_BYTES = 4096;
/** Daemons that are tried at a time, each in a home of its own. */
const AT_ONCE = 2;

const keeper = `
  const provide = (name, make) => { if (!baggage.has(name)) baggage.init(name, make()); return baggage.get(name); };
  const map = provide('map', () => VatData.makeScalarBigMapStore('map', { durable: true }));
  const kind = provide('kind', () => VatData.makeKindHandle('Thing'));
  const make = VatData.defineDurableKind(kind, (label) => ({ label }), { label: ({ state }) => state.label });
  return makeDefaultExo('Keeper', {
    put: (key, text) => { map.has(key) ? map.set(key, text) : map.init(key, text); return map.getSize(); },
    make: (label) => { const thing = make(label); map.init(label, thing); return thing; },
    read: () => harden([...map.entries()]),
  });`;

/** Damage to the files of an image, and what it is called. */
type Damage = Readonly<{ name: string; act(path: string): void }>;

export const check: Check = {
  number: 10,
  id: 'corrupt-db',
  title: 'flips bytes of the database, cuts it off, overwrites it',
  run: async ({ openDaemon, seed, amount, note }) => {
    const random = makeRandom(seed);
    const images = await makeImages(openDaemon);
    const damages = [
      ...gross(images),
      ...flips(images, random, amount(16, 500)),
    ];
    const chosen = damages.filter(
      (_, i) => i >= gross(images).length || i % amount(3, 1) === 0,
    );
    const facts: Fact[] = [];
    let tried = 0;
    let refused = 0;
    const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
      const daemon = await openDaemon();
      for (let at = lane; at < chosen.length; at += AT_ONCE) {
        const [image, damage] = chosen[at] ?? [];
        if (image === undefined || damage === undefined) break;
        const { isRefused, found } = await tryOne(daemon, image, damage);
        facts.push(...found);
        refused += isRefused ? 1 : 0;
        tried += 1;
        if (tried % 50 === 0) note(`${tried} tried, ${refused} refused`);
      }
      const [whole] = images;
      await daemon.kill();
      restore(whole, daemon.home.databasePath);
      await daemon.start();
    });
    await Promise.all(lanes);
    return judge(facts, {
      value: `${tried} damaged databases, ${refused} refused, the others healthy`,
      limit: 'refused with the way back named, or all that is served is right',
    });
  },
};

/** Files of a database, and what a daemon over them must serve. */
type Image = Readonly<{
  name: string;
  /** What was filled in until then. */
  rounds: readonly string[];
  folder: string;
  dump: Dump;
  served: Served;
}>;

type Served = Readonly<Record<string, string>>;

/** Of a daemon that was stopped, and of one that was killed, which leaves a log. */
const makeImages = async (
  openDaemon: (options?: DaemonOptions) => Promise<ScoreDaemon>,
): Promise<readonly [Image, Image]> => {
  const daemon = await openDaemon();
  const { client, home } = daemon;
  const { root } = await launchVat(daemon, keeper);
  await client.rpc('setName', ['keeper', root]);
  const fill = async (round: string): Promise<void> => {
    for (let i = 0; i < 20; i += 1) {
      const text = `${round} ${i} `.repeat(1 + i);
      await client.send(root, 'put', [`key ${i}`, text], `${round}-${i}`);
    }
    const { slots } = await client.send(root, 'make', [round]);
    await client.rpc('setName', [round, slots[0] ?? '']);
  };
  const take = async (
    name: string,
    rounds: readonly string[],
  ): Promise<Image> => {
    const folder = join(home.dir, name);
    mkdirSync(folder);
    for (const suffix of SUFFIXES) {
      const from = `${home.databasePath}${suffix}`;
      if (existsSync(from)) copyFileSync(from, join(folder, `image${suffix}`));
    }
    const dump = dumpStore(home.databasePath);
    await daemon.start();
    return { name, rounds, folder, dump, served: await look(daemon, rounds) };
  };
  await fill('first');
  await daemon.stop();
  const stopped = await take('stopped', ['first']);
  await fill('second');
  await daemon.kill();
  return [stopped, await take('killed', ['first', 'second'])];
};

const restore = ({ folder }: Image, path: string): void => {
  for (const suffix of SUFFIXES) {
    const from = join(folder, `image${suffix}`);
    const to = `${path}${suffix}`;
    if (existsSync(from)) copyFileSync(from, to);
    else rmSync(to, { force: true });
  }
};

/** All that clients can see of what is durable. */
const look = async (
  { client }: ScoreDaemon,
  rounds: readonly string[],
): Promise<Served> => {
  const looks: Record<string, string> = {};
  const see = async (what: string, found: Promise<unknown>): Promise<void> => {
    looks[what] = JSON.stringify(await found.catch(messageOf));
  };
  await see('names', client.rpc('listNames'));
  await see('values', client.send('keeper', 'read', []));
  for (const name of ['keeper', ...rounds]) {
    await see(`the object ${name}`, client.rpc('describe', { kref: name }));
  }
  // Asked again under their ids: the answers were recorded.
  for (const round of rounds) {
    await see(`the label of ${round}`, client.send(round, 'label', []));
    for (let i = 0; i < 20; i += 5) {
      const text = `${round} ${i} `.repeat(1 + i);
      const args = [`key ${i}`, text];
      const answer = client.send('keeper', 'put', args, `${round}-${i}`);
      await see(`the answer of ${round}-${i}`, answer);
    }
  }
  return looks;
};

/** A length of 0, of parts, of pages; other bytes where pages or all were. */
const gross = (
  images: readonly [Image, Image],
): (readonly [Image, Damage])[] => {
  const change = (
    name: string,
    suffix: string,
    edit: (bytes: Buffer) => Buffer,
  ): Damage => ({
    name,
    act: (path) =>
      writeFileSync(`${path}${suffix}`, edit(readFileSync(`${path}${suffix}`))),
  });
  const cut = (length: (whole: number) => number, suffix = ''): Damage =>
    change(`cut off${suffix}, by ${length(1000)} of 1000`, suffix, (bytes) =>
      bytes.subarray(0, length(bytes.length)),
    );
  const fillWith = (from: number, to: number, byte: number): Damage =>
    change(`bytes ${from} to ${to} are ${byte}`, '', (bytes) =>
      bytes.fill(byte, from, to),
    );
  const inBoth = [
    cut(() => 0),
    cut(() => 50),
    cut((whole) => Math.floor(whole / 2)),
    cut((whole) => whole - PAGE_BYTES),
    cut((whole) => whole - 1),
    fillWith(0, 16, 0),
    fillWith(0, PAGE_BYTES, 0xff),
    fillWith(PAGE_BYTES, 2 * PAGE_BYTES, 0),
    change('it is a text', '', () => Buffer.from('Dear diary, '.repeat(999))),
    change('it is noise', '', (bytes) =>
      Buffer.from(bytes.map((byte, i) => byte ^ (i * 7 + 1))),
    ),
  ];
  const inLog = [
    cut(() => 0, '-wal'),
    cut((whole) => Math.floor(whole / 2), '-wal'),
    cut((whole) => whole - 1, '-wal'),
    change('the log is noise', '-wal', (bytes) => bytes.fill(0x5a)),
  ];
  const [, killed] = images;
  return [
    ...images.flatMap((image) =>
      inBoth.map((damage) => [image, damage] as const),
    ),
    ...inLog.map((damage) => [killed, damage] as const),
  ];
};

/** One bit or all of one byte, anywhere in the files. */
const flips = (
  [stopped, killed]: readonly [Image, Image],
  random: Random,
  count: number,
): (readonly [Image, Damage])[] =>
  Array.from({ length: count }, () => {
    const [image, suffix] = random.pick([
      [stopped, ''],
      [stopped, ''],
      [killed, ''],
      [killed, '-wal'],
      [killed, '-shm'],
    ] as const);
    const { length } = readFileSync(join(image.folder, `image${suffix}`));
    const at = random.integer(0, length - 1);
    const mask = random.pick([1, 2, 4, 8, 16, 32, 64, 128, 255]);
    const act = (path: string): void => {
      const bytes = readFileSync(`${path}${suffix}`);
      bytes[at] = (bytes[at] ?? 0) ^ mask;
      writeFileSync(`${path}${suffix}`, bytes);
    };
    return [image, { name: `byte ${at}${suffix} ^ ${mask}`, act }] as const;
  });

const wayBack =
  /kernel\.sqlite.*(?:go back to a backup|newer program that wrote it)/u;

const tryOne = async (
  daemon: ScoreDaemon,
  image: Image,
  { name, act }: Damage,
): Promise<Readonly<{ isRefused: boolean; found: readonly Fact[] }>> => {
  const path = daemon.home.databasePath;
  await daemon.kill();
  restore(image, path);
  act(path);
  const what = `${image.name}, ${name}`;
  const refusal = await daemon.start().then(() => undefined, messageOf);
  if (refusal !== undefined) {
    const isNamed = wayBack.test(refusal);
    const isGone = await hasEnded(daemon.home);
    return {
      isRefused: true,
      found: [
        {
          fact: `${what}: the way back is named`,
          holds: isNamed,
          found: refusal,
        },
        { fact: `${what}: who refuses is gone`, holds: isGone },
      ],
    };
  }
  const changed = differences(durable(image.dump), durable(dumpStore(path)));
  const served = await look(daemon, image.rounds);
  const wrong = Object.keys(image.served).filter(
    (key) => served[key] !== image.served[key],
  );
  return {
    isRefused: false,
    found: [
      {
        fact: `${what}: every row is what it was`,
        holds: changed.length === 0,
        found: [...changed],
      },
      {
        fact: `${what}: all that is served is right`,
        holds: wrong.length === 0,
        found: wrong.map(
          (key) => `${key}: ${served[key]} and not ${image.served[key]}`,
        ),
      },
    ],
  };
};

/** A start may note what has happened; nothing else. */
const durable = (dump: Dump): Dump =>
  new Map([...dump].filter(([table]) => table !== 'events'));

await runAlone(import.meta.url, check);
