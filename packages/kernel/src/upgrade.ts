/**
 * New code over the same durable state. The new code is first rehearsed in a
 * process of its own, on the state as it is and without effect: only if it
 * starts there, with every durable kind taken up again, does the vat change
 * over. Otherwise the old code goes on, heap and all.
 */
import harden from '@endo/harden';
import { fail, messageOf, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { encodeParameters } from './encode.ts';
import { aTurn } from './in-turns.ts';
import { withoutInlineBundle } from './inline-bundles.ts';
import type { UpgradeOptions, UpgradeResult } from './kernel-api.ts';
import type { VatRow } from './store/rows.ts';
import type { VatLife } from './vat-life.ts';
import { makeVatRuntime, type VatRuntime } from './vat-runtimes.ts';

export type Upgrade = (
  vatId: VatId,
  options: UpgradeOptions,
) => Promise<UpgradeResult>;

/** How often it is looked whether the vat has finished what is under way, in ms. */
const QUIET_STEP_MS = 5;

export const makeUpgrade = (context: KernelContext, life: VatLife): Upgrade => {
  const { store, vats, powers, outbox, events, lateWork } = context;

  const upgrade: Upgrade = async (vatId, { parameters, ...code }) => {
    const { name } = rowOf(vatId);
    const bundle = await powers.loadBundle(name, code);
    const vat = vats.get(vatId);
    if (vat.held) {
      const problem = 'another upgrade of it is under way';
      throw fail('UPGRADE_FAILED', { vat: vatId, problem });
    }
    vat.held = true;
    try {
      await untilQuiet(vat);
      const old = rowOf(vatId);
      const row: VatRow = {
        ...old,
        config: { ...withoutCode(old), ...withoutInlineBundle(code) },
        bundleHash: bundle.hash,
        parameters:
          parameters === undefined
            ? old.parameters
            : encodeParameters(name, parameters),
      };
      await rehearse(row, bundle.text);
      store.bundles.set(bundle.hash, bundle.text);
      // What the rehearsal has not changed: refs, counters, incarnation.
      store.vats.set(vatId, { ...rowOf(vatId), ...changed(row) });
      store.forgetUnusedBundle(old.bundleHash, vats.ids);
      events.note('vat', 'upgraded', { vat: vatId, name: row.name });
      life.restart(vatId, 'it was upgraded');
    } finally {
      vat.held = false;
      context.wake(vatId);
    }
    await life.awaken(vatId);
    await outbox.committed();
    return { incarnation: rowOf(vatId).incarnation };
  };

  const rowOf = (vatId: VatId): VatRow => {
    const row = store.vats.get(vatId);
    if (row === undefined) {
      throw fail('VAT_UNKNOWN', { vat: vatId });
    }
    return row;
  };

  const untilQuiet = async (vat: VatRuntime): Promise<void> => {
    while (vat.inFlight.length > 0) {
      await new Promise<void>((resolve) => {
        powers.after(QUIET_STEP_MS, resolve);
      });
    }
    // The rehearsal reads its store.
    while (lateWork.doSome(vat.id)) {
      await aTurn(powers);
    }
  };

  const rehearse = async (row: VatRow, bundle: string): Promise<void> => {
    const trial = makeVatRuntime(row.id);
    const host = life.hosts.forGroup(`rehearsal of ${row.id}`);
    const next = { ...row, incarnation: row.incarnation + 1 };
    try {
      await new Promise<void>((resolve, reject) => {
        const refuse = (problem: string): void =>
          reject(fail('UPGRADE_FAILED', { vat: row.id, problem }));
        life.beginBirth(
          trial,
          host,
          { row: next, bundle },
          {
            onDone: ({ problem, syscalls }) => {
              const ends = syscalls.some(([name]) => name === 'exit');
              const found = ends ? 'it ends itself while it starts' : problem;
              return found === undefined ? resolve() : refuse(found);
            },
            onLost: refuse,
          },
        );
      });
    } catch (error) {
      powers.logger.warn(messageOf(error), { vat: row.id, name: row.name });
      throw error;
    } finally {
      life.endBirth(trial, 'the rehearsal of its upgrade is over');
    }
  };

  return harden(upgrade);
};

const changed = ({
  config,
  bundleHash,
  parameters,
}: VatRow): Pick<VatRow, 'config' | 'bundleHash' | 'parameters'> => ({
  config,
  bundleHash,
  parameters,
});

const withoutCode = ({ config }: VatRow): VatRow['config'] => {
  const { bundleSpec: _b, sourceSpec: _s, bundleName: _n, ...rest } = config;
  return rest;
};
