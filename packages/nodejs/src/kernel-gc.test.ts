import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import {
  check,
  distribute,
  importers,
  launchScene,
  leaseAnew,
  releaseHolders,
  takeStep,
  vatstoreRows,
  type Scene,
} from './testing/gc-scene.ts';
import { kinds } from './testing/gc-vats.ts';
import { openMovedClock } from './testing/moved-clock.ts';
import { settleGarbage } from './testing/settle-garbage.ts';
import { openTestKernel } from './testing/test-kernel.ts';

const TWO_DAYS_MS = 48 * 60 * 60 * 1000;

const cases = kinds.flatMap((kind) =>
  (['drops', 'terminates', 'restarts'] as const).map(
    (exporterEvent) => [kind, exporterEvent] as const,
  ),
);

const steps = [0, 1, 2, 3, 4];

describe('an object that two vats import', () => {
  it.each(cases)(
    'is kept and forgotten as it should be in every order (%s object, exporter %s)',
    async (kind, exporterEvent) => {
      const t = await openTestKernel();
      const moveClock = openMovedClock();
      // Side by side: one scene for each place of the exporter's event.
      const scenes = await Promise.all(
        steps.map(async (at) => launchScene({ t, kind, exporterEvent }, at)),
      );
      const forAll = async (
        when: string,
        act: (scene: Scene) => Promise<void>,
        endLeases = false,
      ): Promise<void> => {
        await Promise.all(scenes.map(act));
        if (endLeases) {
          moveClock(TWO_DAYS_MS);
        }
        await settleGarbage(t);
        for (const scene of scenes) {
          await check(scene, when);
        }
      };
      await settleGarbage(t);
      const before = scenes.map(vatstoreRows);
      await Promise.all(scenes.map(distribute));
      moveClock(TWO_DAYS_MS);
      await settleGarbage(t);
      await forAll('at first', leaseAnew);
      for (const at of steps) {
        await forAll(`after step ${at + 1}`, async (scene) =>
          takeStep(scene, at),
        );
      }
      await forAll('at last', releaseHolders, true);
      // What was forgotten has left no trace in the vats either; an exporter
      // that did not drop its things still has them.
      const after = scenes.map(vatstoreRows);
      expect(
        exporterEvent === 'drops' ? after : after.map(withoutExporter),
      ).toStrictEqual(
        exporterEvent === 'drops' ? before : before.map(withoutExporter),
      );
      await t.kernel.terminateAllVats();
      expect(t.kernel.executeDBQuery('SELECT * FROM objects')).toEqual([]);
    },
    120_000,
  );
});

const withoutExporter = ({
  exporter: _,
  ...rest
}: ReturnType<typeof vatstoreRows>): object => rest;

describe('an importer that loses its heap', () => {
  const losses = ['restarts', 'terminates', 'loses the daemon'] as const;
  it.each(kinds.flatMap((kind) => losses.map((loss) => [kind, loss] as const)))(
    'lets go of what only its heap held (%s object, importer %s)',
    async (kind, loss) => {
      const t = await openTestKernel();
      const moveClock = openMovedClock();
      const scene = await launchScene({ t, kind, exporterEvent: 'drops' }, 0);
      // In virtual collections: a matter of its own, in kernel-durable.test.ts.
      const things = scene.things
        .filter(({ holder }) => holder === 'nobody')
        .map((thing, i) => ({
          ...thing,
          styles: {
            a: i % 2 === 0 ? ('heap' as const) : ('durable' as const),
            b: i % 4 < 2 ? ('heap' as const) : ('durable' as const),
          },
        }));
      scene.things.splice(0, scene.things.length, ...things);
      await distribute(scene);
      moveClock(TWO_DAYS_MS);
      await settleGarbage(t);
      await check(scene, 'at first');
      if (loss === 'loses the daemon') {
        await t.reopen();
      } else {
        await (loss === 'restarts'
          ? t.kernel.restartVat(scene.vat.a)
          : t.kernel.terminateVat(scene.vat.a));
      }
      const losers = loss === 'loses the daemon' ? importers : (['a'] as const);
      for (const thing of scene.things) {
        for (const importer of losers) {
          const remains =
            loss !== 'terminates' && thing.styles[importer] === 'durable';
          thing.strong[importer] = remains;
          thing.weak[importer] = remains;
        }
        thing.answerable = loss !== 'loses the daemon' || kind === 'durable';
      }
      await settleGarbage(t);
      await check(scene, 'after the loss');
    },
    30_000,
  );
});
