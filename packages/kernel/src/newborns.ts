/**
 * The vats of a launch while they start: in parallel, and without a row of their
 * own. Whatever goes wrong, none of them is left in a host.
 */
import harden from '@endo/harden';
import { fail, vatId, type SubclusterId, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { encodeParameters } from './encode.ts';
import { withoutInlineBundle } from './inline-bundles.ts';
import type { ClusterConfig } from './kernel-api.ts';
import { groupOf } from './placement-group.ts';
import type { LoadedBundle } from './powers.ts';
import type { VatRow } from './store/rows.ts';
import type { VatLife } from './vat-life.ts';
import type { DoneFrame } from './vat/protocol.ts';

/** A vat that has started, and what it did on the way. */
export type Newborn = Readonly<{
  row: VatRow;
  bundle: LoadedBundle;
  done: DoneFrame;
}>;

export type Newborns = Readonly<{
  /** All of them; if one does not start, none is left. */
  startAll(
    id: SubclusterId,
    config: ClusterConfig,
    bundles: ReadonlyMap<string, LoadedBundle>,
  ): Promise<readonly Newborn[]>;
  /** Takes a vat that was never admitted off its host. */
  abort(id: VatId): void;
}>;

export const makeNewborns = (
  { store, vats }: Pick<KernelContext, 'store' | 'vats'>,
  life: VatLife,
): Newborns => {
  const startAll = async (
    id: SubclusterId,
    config: ClusterConfig,
    bundles: ReadonlyMap<string, LoadedBundle>,
  ): Promise<readonly Newborn[]> => {
    const rows = Object.entries(config.vats).map(([name, vat]): VatRow => ({
      id: vatId(store.nextId('vat')),
      name,
      subclusterId: id,
      config: withoutInlineBundle(vat),
      bundleHash: (bundles.get(name) as LoadedBundle).hash,
      parameters: encodeParameters(name, vat.parameters ?? {}),
      incarnation: 1,
      nextImport: 1,
      halted: null,
      ending: null,
    }));
    const outcomes = await Promise.allSettled(
      rows.map(async (row) =>
        startOne(row, bundles.get(row.name) as LoadedBundle),
      ),
    );
    try {
      return outcomes.map(insistAlive);
    } catch (error) {
      rows.forEach(({ id: vat }) => abort(vat));
      throw error;
    }
  };

  /** A vat that has started may have lost its host while others were starting. */
  const insistAlive = (outcome: PromiseSettledResult<Newborn>): Newborn => {
    if (outcome.status === 'rejected') {
      throw outcome.reason;
    }
    const { id, name } = outcome.value.row;
    const { host, lossReason } = vats.get(id);
    if (host === undefined) {
      const problem = lossReason ?? 'its process is gone';
      throw fail('LAUNCH_FAILED', { vat: name, problem });
    }
    return outcome.value;
  };

  const startOne = async (
    row: VatRow,
    bundle: LoadedBundle,
  ): Promise<Newborn> =>
    new Promise((resolve, reject) => {
      const refuse = (problem: string): void =>
        reject(fail('LAUNCH_FAILED', { vat: row.name, problem }));
      const vat = vats.get(row.id);
      const host = life.hosts.forGroup(groupOf(row));
      life.beginBirth(
        vat,
        host,
        { row, bundle: bundle.text },
        {
          onDone: (done) => {
            if (done.problem === undefined) {
              resolve({ row, bundle, done });
            } else {
              refuse(done.problem);
            }
          },
          onLost: refuse,
        },
      );
    });

  /** Takes a vat that was never admitted off its host. */
  const abort = (id: VatId): void => {
    const vat = vats.get(id);
    vats.forget(id);
    life.endBirth(vat, 'its launch failed');
  };

  return harden({ startAll, abort });
};
