/**
 * Vats that were not written for ocap run as they are: those of the ocap-kernel
 * project, whose own packages are installed nowhere here, and those that use
 * what Endo and Agoric offer, whichever bundler made them. With the real binary.
 */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClient, type DaemonClient } from '../support/daemon-client.ts';
import {
  openHome,
  repositoryRoot,
  withHome,
  type Home,
} from '../support/home.ts';
import { run } from '../support/run.ts';
import { ocapKernelVats } from './fixtures/foreign-vats/ocap-kernel-vats.ts';

const fixtures = join(repositoryRoot, 'test/e2e/fixtures/foreign-vats');

const vat = (name: string, parameters?: object): object => ({
  bundleSpec: `./${name}.bundle`,
  ...(parameters === undefined ? {} : { parameters }),
});

const cluster = {
  bootstrap: 'coordinator',
  vats: {
    coordinator: vat('coordinator', { name: 'cora' }),
    worker: vat('worker', { name: 'will' }),
    helper: vat('worker', { name: 'hal' }),
    library: vat('library'),
    archive: vat('archive'),
    ticker: vat('ticker', { first: 10 }),
  },
};

/** The sources in a folder of their own, from where no package can be found. */
const writeTown = async (home: Home): Promise<string> => {
  const town = join(home.dir, 'town');
  await cp(fixtures, town, { recursive: true });
  for (const [name, text] of Object.entries(ocapKernelVats)) {
    await writeFile(join(town, name), text);
  }
  await writeFile(join(town, 'cluster.json'), JSON.stringify(cluster));
  return town;
};

/** Endo's bundler, in a process of its own as it is run by others. */
const bundleWithEndo = async (town: string, format: string): Promise<void> => {
  const script = `
    import 'ses';
    import { writeFile } from 'node:fs/promises';
    import bundleSource from '@endo/bundle-source';
    const [from, to, format] = process.argv.slice(1);
    for (const name of ['library', 'archive', 'ticker']) {
      const bundle = await bundleSource(from + '/' + name + '.js', format);
      await writeFile(to + '/' + name + '.bundle', JSON.stringify(bundle));
    }`;
  const { code, stderr } = await run(
    process.execPath,
    ['--input-type=module', '-e', script, fixtures, town, format],
    { cwd: repositoryRoot, deadlineMs: 100_000 },
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
};

type Bundled = readonly Readonly<{ bundle: string; external: string[] }>[];

const bundleHere = async (
  home: Home,
  town: string,
  ...options: string[]
): Promise<Bundled> =>
  (await home.json(['bundle', '.', ...options], { cwd: town })) as Bundled;

type Maker = (home: Home, town: string) => Promise<unknown>;

const makers: readonly (readonly [string, Maker])[] = [
  ['ocap bundle', bundleHere],
  [
    'ocap bundle --self-contained',
    async (home, town) => bundleHere(home, town, '--self-contained'),
  ],
  ...['endoZipBase64', 'nestedEvaluate'].map(
    (format): readonly [string, Maker] => [
      `ocap bundle, and by bundleSource as ${format} where nothing else is imported`,
      async (home, town) => {
        await bundleHere(home, town);
        await bundleWithEndo(town, format);
      },
    ],
  ),
];

const noMethod = (method: string): object =>
  expect.objectContaining({
    error: expect.stringContaining(
      `TypeError: target has no method "${method}"`,
    ) as string,
  }) as object;
const error = (text: string): object => ({ error: text });
const nothing = { '@undefined': true };
const shown = {
  description: 'Shows a place',
  args: { place: { type: 'string', description: 'Where' } },
  returns: { type: 'string' },
};

/** Each is a method of the bootstrap vat, which does it with the others. */
const scenes: readonly (readonly [string, string, unknown])[] = [
  [
    'parameters, and none',
    'parameters',
    [{ name: 'will' }, ['remotable', 'promise']],
  ],
  ['what their bundler puts in for NODE_ENV', 'modes', ['production', false]],
  [
    'objects that tell what they can do',
    'discover',
    [shown, { show: shown }, 'the mill, by will'],
  ],
  [
    'sends to promises of other vats, and objects that are arguments of their own methods',
    'pipeline',
    ['left 1', 'left 2', 'saw'],
  ],
  [
    'objects of makeDefaultExo and of Far that are called back',
    'introduce',
    [[1, 2], ['hal: hammer', 'hal: nail'], [null]],
  ],
  [
    'promise kits, as results and as arguments',
    'promises',
    [42, error('Error: no longer')],
  ],
  [
    'errors and other reasons, from one vat to the next',
    'errors',
    [
      error('TypeError: wrong type of work'),
      { reason: 'only a text' },
      { reason: { code: 7, why: ['late'] } },
      error('Error: refused'),
      noMethod('unheardOf'),
    ],
  ],
  [
    'a class of exos with guards',
    'books',
    [
      ['14', '17'],
      true,
      [
        error(
          'Error: In "lend" method of (Book): arg 0: number (a number) - Must be a string',
        ),
        error(
          'Error: In "lend" method of (Book): arg 1?: (a bigint) - Must be >= (a bigint)',
        ),
        error(
          'Error: In "lend" method of (Book): arg 1?: number (a number) - Must be a bigint',
        ),
      ],
    ],
  ],
  [
    'a kit of exos, each with the authority of its own facet',
    'desk',
    [
      ['maps', 'tea'],
      true,
      error(
        'Error: In "ask" method of (Desk front): arg 0: number (a number) - Must be a string',
      ),
      error('Error: the desk is closed for "tea"'),
      noMethod('close'),
    ],
  ],
  [
    'the stores of @agoric/store',
    'stores',
    [
      [1, 2, 3],
      ['bees', 'cats'],
      'bees',
      error('Error: "shelf" already registered: (a string)'),
      ['nothing', 'buzz'],
    ],
  ],
  [
    'patterns, a copy set, and what things pass as',
    'patterns',
    [
      [true, true, false, false],
      ['b', 'a'],
      error('Error: card: level?: (a string) - Must match one of (a string)'),
      [
        'number',
        'string',
        'null',
        'copyArray',
        'copyRecord',
        'error',
        'remotable',
        'promise',
      ],
    ],
  ],
  ['a generator, read to its end', 'counts', [10, 11, 12, 13]],
  ['a generator whose reader leaves', 'breaksOff', [[10, 11], true]],
  [
    'a generator that is told something with each step',
    'talksBack',
    [0, 5, 11, { done: true, value: 'enough' }, { done: true, value: nothing }],
  ],
  [
    'a generator into which an error is thrown',
    'throwsInto',
    [
      { done: false, value: 10 },
      { done: false, value: 'told: stop' },
      { done: true, value: nothing },
    ],
  ],
  [
    'a generator that fails',
    'fails',
    [['fine'], error('RangeError: out of ticks')],
  ],
  [
    'a generator of objects',
    'objects',
    [
      ['red', false],
      ['red', true],
      ['blue', false],
      ['blue', true],
    ],
  ],
  ['a generator over a generator of another vat', 'relayed', [100, 110, 120]],
  ['a generator that is read before it is there', 'ahead', [10, 11, 'end']],
  ['a generator that is read by its own vat', 'calledBack', [10, 11, 12]],
];

describe.each(makers)('vats made by %s', (_name, make) => {
  let home: Home;
  let client: DaemonClient;
  let launched: unknown;

  beforeAll(async () => {
    home = await openHome();
    const town = await writeTown(home);
    await make(home, town);
    launched = await home.json(['launch', 'cluster.json', '--as', 'town'], {
      cwd: town,
    });
    client = openClient(home);
  }, 120_000);
  afterAll(async () => {
    client?.close();
    await home?.close();
  });

  it('are launched with references to each other, and with parameters (V-01)', () => {
    expect(launched).toMatchObject({
      bootstrapResult: [
        'cora',
        'object',
        ['will did one (1)', 'hal did two (1)'],
        [],
      ],
    });
  });

  it.each(scenes)('use %s (V-10)', async (_title, method, expected) => {
    expect(await client.call('town', method)).toStrictEqual(expected);
  });

  it('find their durable objects, stores and baggage again after kill -9 (V-10)', async () => {
    expect(await client.call('town', 'file')).toStrictEqual([
      [2, 3],
      1,
      [
        error(
          'Error: key (a string) already registered in collection "records"',
        ),
        error(
          'Error: In "amend" method of (RecordKind): arg 0: number (a number) - Must be a string',
        ),
        error(
          'Error: invalid value type for collection "records": (a string) - Must be a remotable Record, not string',
        ),
        error(
          'Error: value is not durable: (an object) at slot 0 of (a string)',
        ),
      ],
    ]);
    const archived = (opened: number): unknown => [
      'third',
      'other',
      'sealed',
      ['b'],
      opened,
      1,
      true,
    ];
    expect(await client.call('town', 'archived')).toStrictEqual(archived(2));
    await home.killDaemon();
    expect(await home.call('town', 'archived')).toStrictEqual(archived(3));
    expect(await home.call('town', 'starts')).toStrictEqual([
      2,
      'will did more (2)',
    ]);
    expect(await home.json(['daemon', 'audit'])).toMatchObject({ ok: true });
  });
});

/** What stands in the log of one vat or subcluster. */
const messages = async (home: Home, what: string): Promise<string[]> => {
  const { stdout } = await home.ocap(['daemon', 'logs', what]);
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
};

/** With a list of the names of its modules, as the bundler of that project writes it. */
const listModules = async (
  path: string,
  external: readonly string[],
): Promise<void> => {
  const bundle = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...bundle, external }));
};

describe('a vat of the ocap-kernel project', () => {
  const withTown = async (
    use: (home: Home, town: string) => Promise<void>,
  ): Promise<void> =>
    withHome(async (home) => use(home, await writeTown(home)));

  it('takes from the host what its own packages would give it', async () => {
    await withTown(async (home, town) => {
      const bundled = await bundleHere(home, town);
      const external = new Set(bundled.flatMap((each) => each.external));
      expect([...external].sort()).toStrictEqual([
        '@agoric/store',
        '@endo/errors',
        '@endo/eventual-send',
        '@endo/exo',
        '@endo/far',
        '@endo/marshal',
        '@endo/patterns',
        '@endo/promise-kit',
        '@ocap/kernel-utils/exo',
      ]);
    });
  });

  it.each([
    ['runs with a list of the modules that it needs', []],
    ['runs with a list of none', ['--self-contained']],
  ])('%s, unless the host lacks one', async (_title, options) => {
    await withTown(async (home, town) => {
      const made = await bundleHere(home, town, ...options);
      for (const { bundle, external } of made) {
        await listModules(bundle, external);
      }
      const launch = ['launch', 'cluster.json', '--as'];
      await home.json([...launch, 'town'], { cwd: town });
      expect(await home.call('town', 'relayed')).toStrictEqual([100, 110, 120]);
      await listModules(join(town, 'ticker.bundle'), ['@endo/nothing']);
      const { code, stderr } = await home.ocap([...launch, 'village'], {
        cwd: town,
      });
      expect(code).toBe(1);
      expect(stderr).toContain('it needs the module @endo/nothing');
    });
  });

  it('is told at bundling what it cannot have', async () => {
    await withTown(async (home, town) => {
      const other = join(town, 'other');
      await mkdir(other);
      const text =
        "import { makeCounter } from '@metamask/kernel-utils';\nexport const buildRootObject = makeCounter;\n";
      await writeFile(join(other, 'index.js'), text);
      const { code, stderr } = await home.ocap(['bundle', other]);
      expect(code).toBe(1);
      expect(stderr).toContain('index.js:1:10: "makeCounter" is not exported');
      expect(stderr).toContain('install the package');
    });
  });

  it('leaves by vatPowers, and logs by vatPowers and console (V-04)', async () => {
    await withTown(async (home, town) => {
      await bundleHere(home, town);
      await home.json(['launch', 'cluster.json', '--as', 'town'], {
        cwd: town,
      });
      const dismiss = async (key: string, how: string): Promise<unknown> =>
        home.call('town', 'dismiss', key, how, 'tired');
      const ended = (why: string): unknown => ({
        error: expect.stringContaining(why) as string,
      });
      expect(await dismiss('worker', 'leave')).toStrictEqual([
        { value: nothing },
        ended(
          'it ended itself (tired). Ask whoever gave it to you for another. (OBJECT_GONE)',
        ),
      ]);
      expect(await dismiss('helper', 'collapse')).toStrictEqual([
        ended('it ended itself with a failure (tired). (VAT_TERMINATED)'),
        ended('it ended itself with a failure (tired)'),
      ]);
      const ofWill = [
        'buildRootObject of will',
        '[test/will/book] will begins',
        '[test/will] will leaves',
        'the vat was terminated: it ended itself (tired)',
      ];
      expect(await messages(home, 'worker')).toStrictEqual(ofWill);
      await home.json(['daemon', 'exec', 'terminateSubcluster', '["s1"]']);
      expect(await messages(home, 'worker')).toStrictEqual(ofWill);
      expect(await messages(home, 's1')).toEqual(
        expect.arrayContaining([...ofWill, '[test/hal/book] hal begins']),
      );
      expect(await home.json(['daemon', 'audit'])).toMatchObject({ ok: true });
    });
  });
});
