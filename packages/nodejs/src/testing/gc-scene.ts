/**
 * A scene for the tests of the collector: an exporter, two importers, and many
 * things that are dropped and retired in every order, each compared with the
 * model after each step.
 */
import { expect } from 'vitest';
import {
  holders,
  importOf,
  isKnown,
  isReachable,
  ordersWith,
  type Event,
  type ExporterEvent,
  type Thing,
} from './gc-model.ts';
import {
  exporterSource,
  importerSource,
  styles,
  type Kind,
  type Style,
} from './gc-vats.ts';
import type { TestKernel } from './test-kernel.ts';
import { vatSource } from './vat-source.ts';

export const importers = ['a', 'b'] as const;

export type Scene = Readonly<{
  t: TestKernel;
  kind: Kind;
  exporterEvent: ExporterEvent;
  root: Readonly<Record<'exporter' | 'a' | 'b', string>>;
  vat: Readonly<Record<'exporter' | 'a' | 'b', string>>;
  things: Thing[];
}>;

const labels = (things: readonly Thing[]): string[] =>
  things.map(({ label }) => label);
const styled = (
  things: readonly Thing[],
  importer: 'a' | 'b',
): [string, string][] =>
  things.map(({ label, styles: s }) => [label, s[importer]]);

const makeThings = (exporterAt: number): Thing[] =>
  ordersWith(exporterAt).flatMap((order, o) =>
    holders.map((holder, h): Thing => {
      // Every way of holding meets every holder, and about every order.
      const style = (by: number): Style =>
        styles[(o + h + exporterAt + by) % styles.length] ?? 'heap';
      return {
        label: `${order.join(', ')}; ${holder}; ${style(0)}/${style(1)}`,
        order,
        holder,
        styles: { a: style(0), b: style(1) },
        kref: '',
        held: holder !== 'nobody',
        strong: { a: true, b: true },
        weak: { a: true, b: true },
        own: true,
        answerable: true,
      };
    }),
  );

export const launchScene = async (
  common: Pick<Scene, 't' | 'kind' | 'exporterEvent'>,
  exporterAt: number,
): Promise<Scene> => {
  const { t, kind } = common;
  const launched = await t.kernel.launchSubcluster({
    bootstrap: 'exporter',
    vats: {
      exporter: { bundleSpec: vatSource(exporterSource(kind)) },
      a: { bundleSpec: vatSource(importerSource) },
      b: { bundleSpec: vatSource(importerSource) },
    },
  });
  const vat = launched.vats as Scene['vat'];
  const rootOf = (id: string): string =>
    String(
      t.kernel.executeDBQuery(
        `SELECT kref FROM clist WHERE endpoint = '${id}' AND vref = 'o+0'`,
      )[0]?.['kref'],
    );
  const root = {
    exporter: rootOf(vat.exporter),
    a: rootOf(vat.a),
    b: rootOf(vat.b),
  };
  const things = makeThings(exporterAt);
  return { ...common, root, vat, things };
};

/** Makes the things and gives them to everybody who is to hold them. */
export const distribute = async (scene: Scene): Promise<void> => {
  const { t, root, things } = scene;
  await t.call(root.exporter, 'make', labels(things));
  const { slots } = await t.kernel.queueMessage(root.exporter, 'things', [
    labels(things),
  ]);
  things.forEach((thing, i) => {
    thing.kref = String(slots[i]);
  });
  for (const importer of importers) {
    await t.call(
      root.exporter,
      'give',
      { '@ref': root[importer] },
      styled(things, importer),
    );
    expect(
      new Set(
        (await t.call(root[importer], 'has', styled(things, importer))) as [],
      ),
    ).toStrictEqual(new Set([true]));
  }
  for (const { holder, kref } of things) {
    if (holder === 'petname') {
      await t.kernel.setName(`n-${kref}`, kref);
    }
  }
};

/** Whoever calls gets a lease on what comes back. */
export const leaseAnew = async ({ t, root, things }: Scene): Promise<void> => {
  const leased = things.filter(({ holder }) => holder === 'lease');
  await t.kernel.queueMessage(root.exporter, 'things', [labels(leased)]);
};

const exporterActs = async (scene: Scene): Promise<void> => {
  const { t, kind, exporterEvent, root, vat, things } = scene;
  switch (exporterEvent) {
    case 'drops':
      await t.call(root.exporter, 'drop', labels(things));
      things.forEach((thing) => {
        thing.own = false;
      });
      return;
    case 'terminates':
      await t.kernel.terminateVat(vat.exporter);
      break;
    case 'restarts':
      await t.kernel.restartVat(vat.exporter);
      break;
  }
  things.forEach((thing) => {
    thing.answerable = exporterEvent === 'restarts' && kind === 'durable';
  });
};

/** Has everybody do to each thing what its order says. */
export const takeStep = async (scene: Scene, at: number): Promise<void> => {
  const { t, root, things } = scene;
  const due = (event: Event): Thing[] =>
    things.filter(({ order }) => order[at] === event);
  for (const importer of importers) {
    const dropping = due(`${importer} drops`);
    const retiring = due(`${importer} retires`);
    await t.call(root[importer], 'drop', styled(dropping, importer));
    await t.call(root[importer], 'retire', styled(retiring, importer));
    dropping.forEach(({ strong }) => {
      strong[importer] = false;
    });
    retiring.forEach(({ weak }) => {
      weak[importer] = false;
    });
  }
  if (due('exporter').length > 0) {
    await exporterActs(scene);
  }
};

/** Compares every table with the model, and calls whatever can be called. */
export const check = async (scene: Scene, when: string): Promise<void> => {
  const { t, root, vat, things } = scene;
  const known = new Map(
    t.kernel
      .executeDBQuery('SELECT kref, owner FROM objects')
      .map(({ kref, owner }) => [kref, owner]),
  );
  const clist = new Map(
    t.kernel
      .executeDBQuery('SELECT * FROM clist')
      .map(({ endpoint, kref, reachable }) => [
        `${endpoint} ${kref}`,
        reachable === 1 ? 'strong' : 'weak',
      ]),
  );
  const seen = things.map((thing) => ({
    label: thing.label,
    known: known.has(thing.kref),
    owned: typeof known.get(thing.kref) === 'string',
    exported: clist.get(`${vat.exporter} ${thing.kref}`),
    a: clist.get(`${vat.a} ${thing.kref}`),
    b: clist.get(`${vat.b} ${thing.kref}`),
  }));
  const wanted = things.map((thing) => {
    const owned = isKnown(thing) && thing.answerable;
    const reached = isReachable(thing) ? 'strong' : 'weak';
    return {
      label: thing.label,
      known: isKnown(thing),
      owned,
      exported: owned ? reached : undefined,
      a: importOf(thing, 'a'),
      b: importOf(thing, 'b'),
    };
  });
  expect(seen, when).toStrictEqual(wanted);
  expect(t.kernel.executeDBQuery('SELECT * FROM gc_actions'), when).toEqual([]);
  expect(t.kernel.audit().problems, when).toStrictEqual([]);

  const answer = ({ label, answerable }: Thing): unknown =>
    answerable ? `hi ${label}` : expect.stringMatching(/OBJECT_GONE|is gone/u);
  for (const importer of importers) {
    const holding = things.filter(({ strong }) => strong[importer]);
    if (holding.length > 0) {
      expect(
        await t.call(root[importer], 'callAll', styled(holding, importer)),
        when,
      ).toEqual(holding.map(answer));
    }
  }
  const held = things.filter((thing) => thing.held);
  const answers = await Promise.all(
    held.map(async ({ kref }) =>
      t.call(kref, 'hi').catch((e: unknown) => String(e)),
    ),
  );
  expect(answers, when).toEqual(held.map(answer));
};

/** Takes the names back; that the leases end is the caller's business. */
export const releaseHolders = async (scene: Scene): Promise<void> => {
  const { t, things } = scene;
  for (const thing of things) {
    if (thing.holder === 'petname') {
      await t.kernel.removeName(`n-${thing.kref}`);
    }
    thing.held = false;
  }
};

/** Rows of the durable store of each vat. */
export const vatstoreRows = ({
  t,
  vat,
}: Scene): Record<keyof Scene['vat'], number> => {
  const count = (id: string): number =>
    Number(
      t.kernel.executeDBQuery(
        `SELECT count(*) AS n FROM vatstore WHERE vat_id = '${id}'`,
      )[0]?.['n'],
    );
  return { exporter: count(vat.exporter), a: count(vat.a), b: count(vat.b) };
};
