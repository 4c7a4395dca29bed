/**
 * Launching a subcluster is one unit: its vats start in parallel, and only when
 * all of them have does any row exist. Until then a crash or a failure leaves
 * nothing behind.
 */
import harden from '@endo/harden';
import {
  fail,
  messageOf,
  OcapError,
  RejectedError,
  ROOT_VREF,
  subclusterId,
  type CapData,
  type KRef,
  type SubclusterId,
} from '@ocap/kernel-utils';
import type { Clients } from './clients.ts';
import type { KernelContext } from './context.ts';
import { ExitWithFailure } from './crank.ts';
import { endEarlierLaunches } from './force-reset.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import { withoutInlineBundles } from './inline-bundles.ts';
import type { ClusterConfig, LaunchResult } from './kernel-api.ts';
import { makeNewborns, type Newborn } from './newborns.ts';
import type { LoadedBundle } from './powers.ts';
import type { LaunchServices } from './services/launch-services.ts';
import { beginFetches } from './vat-fetches.ts';
import type { VatLife } from './vat-life.ts';

type LaunchParts = Readonly<{
  life: VatLife;
  clients: Clients;
  services: LaunchServices;
}>;

export type Launch = (
  config: ClusterConfig,
  system?: string,
) => Promise<LaunchResult>;

export const makeLaunch = (
  context: KernelContext,
  { life, clients, services }: LaunchParts,
): Launch => {
  const { store, refs, applySyscalls, vats, powers, outbox, events } = context;
  const { startAll, abort } = makeNewborns(context, life);

  const launch: Launch = async (config, system) => {
    services.insist(config, system !== undefined);
    const bundles = await loadBundles(config);
    const id = subclusterId(store.nextId('subcluster'));
    const newborns = await startAll(id, config, bundles);
    if (config.forceReset === true) {
      endEarlierLaunches(context, life, config, bundles);
    }
    const roots = admitAll(id, config, newborns, system ?? null);
    const vatIds = Object.fromEntries(
      newborns.map(({ row }) => [row.name, row.id]),
    );
    const rootKref = roots[config.bootstrap] as KRef;
    const bootstrapResult = await bootstrap(id, config, newborns, roots).catch(
      async (error: unknown) => {
        const problem = messageOf(error);
        Object.values(vatIds).forEach((vat) => {
          if (vats.ids.has(vat)) {
            life.terminate(vat, `its bootstrap failed: ${problem}`);
          }
        });
        await outbox.committed();
        throw isIoProblem(error)
          ? error
          : fail('BOOTSTRAP_FAILED', { vat: config.bootstrap, problem });
      },
    );
    clients.lease(rootKref);
    await outbox.committed();
    return {
      subclusterId: id,
      rootKref,
      vats: vatIds,
      ...(bootstrapResult === undefined ? {} : { bootstrapResult }),
    };
  };

  const loadBundles = async (
    config: ClusterConfig,
  ): Promise<ReadonlyMap<string, LoadedBundle>> =>
    new Map(
      await Promise.all(
        Object.entries(config.vats).map(async ([name, vat]) => {
          const source =
            vat.bundleName === undefined
              ? vat
              : (config.bundles?.[vat.bundleName] ?? {});
          return [name, await powers.loadBundle(name, source)] as const;
        }),
      ),
    );

  /** All of them, or none if one has broken a rule while it started. */
  const admitAll = (
    id: SubclusterId,
    config: ClusterConfig,
    newborns: readonly Newborn[],
    system: string | null,
  ): Record<string, KRef> => {
    try {
      return store.savepoint(() =>
        admit(id, withoutInlineBundles(config), newborns, system),
      );
    } catch (error) {
      newborns.forEach(({ row }) => abort(row.id));
      throw error;
    }
  };

  /** In one savepoint: the rows, and what the vats did while they started. */
  const admit = (
    id: SubclusterId,
    config: ClusterConfig,
    newborns: readonly Newborn[],
    system: string | null,
  ): Record<string, KRef> => {
    const roots: Record<string, KRef> = {};
    for (const { row, bundle } of newborns) {
      store.bundles.set(bundle.hash, bundle.text);
      store.vats.set(row.id, row);
      vats.ids.add(row.id);
      const root = refs.toKernel(row.id, ROOT_VREF);
      refs.hold(root);
      roots[row.name] = root;
    }
    for (const { row, done } of newborns) {
      try {
        applySyscalls(row.id, done);
      } catch (error) {
        const problem = problemOfBirth(error);
        throw problem === undefined
          ? error
          : fail('LAUNCH_FAILED', { vat: row.name, problem });
      }
    }
    const bootstrapVat = newborns.find(
      ({ row }) => row.name === config.bootstrap,
    );
    store.subclusters.set(id, {
      id,
      config,
      bootstrap: (bootstrapVat as Newborn).row.id,
      system,
    });
    for (const { row } of newborns) {
      events.note('vat', 'launched', {
        vat: row.id,
        name: row.name,
        subclusterId: id,
      });
    }
    events.note('subcluster', 'launched', { subclusterId: id, system });
    refs.collect();
    for (const { row, done } of newborns) {
      const vat = vats.get(row.id);
      vat.state = 'awake';
      vat.methods = done.methods ?? [];
      beginFetches(context, vat, done);
    }
    return roots;
  };

  /** Undefined where the root has no such method. */
  const bootstrap = async (
    id: SubclusterId,
    config: ClusterConfig,
    newborns: readonly Newborn[],
    roots: Readonly<Record<string, KRef>>,
  ): Promise<CapData<KRef> | undefined> => {
    const vat = newborns.find(({ row }) => row.name === config.bootstrap);
    const root = roots[config.bootstrap];
    if (
      root === undefined ||
      vat?.done.methods?.includes('bootstrap') !== true
    ) {
      return undefined;
    }
    const references = Object.fromEntries(
      Object.entries(roots).map(([name, kref]) => [name, { '@ref': kref }]),
    );
    const channels = await services.openIo(id, config);
    const granted = store.savepoint(() => services.grant(id, config, channels));
    const given = Object.fromEntries(
      granted.map(([name, kref]) => [name, { '@ref': kref }]),
    );
    const result = clients.call(root, 'bootstrap', [references, given]);
    // Held by the message from here on.
    store.savepoint(() => {
      granted.forEach(([, kref]) => refs.release(kref));
      refs.collect();
    });
    return result;
  };

  return harden(launch);
};

/** A channel that could not be opened, of which the bootstrap method knows nothing. */
const isIoProblem = (error: unknown): boolean =>
  error instanceof OcapError && !(error instanceof RejectedError);

/** What a vat did while it started that it must not; undefined for defects of ours. */
const problemOfBirth = (error: unknown): string | undefined =>
  error instanceof IllegalSyscall
    ? `it broke the rules: ${error.message}`
    : error instanceof ExitWithFailure
      ? error.message
      : undefined;
