/**
 * Launching a subcluster is one unit: its vats start in parallel, and only when
 * all of them have does any row exist. Until then a crash or a failure leaves
 * nothing behind.
 */
import harden from '@endo/harden';
import {
  fail,
  messageOf,
  ROOT_VREF,
  subclusterId,
  vatId,
  type CapData,
  type KRef,
  type SubclusterId,
  type VatId,
} from '@ocap/kernel-utils';
import type { Clients } from './clients.ts';
import type { KernelContext } from './context.ts';
import { encodeParameters } from './encode.ts';
import { endEarlierLaunches } from './force-reset.ts';
import { withoutInlineBundle, withoutInlineBundles } from './inline-bundles.ts';
import type { ClusterConfig, LaunchResult } from './kernel-api.ts';
import { groupOf } from './placement-group.ts';
import type { LoadedBundle } from './powers.ts';
import type { VatRow } from './store/rows.ts';
import type { Grants } from './services/grants.ts';
import type { Service } from './services/service.ts';
import { beginFetches } from './vat-fetches.ts';
import type { VatLife } from './vat-life.ts';
import type { DoneFrame } from './vat/protocol.ts';

type Newborn = Readonly<{
  row: VatRow;
  bundle: LoadedBundle;
  done: DoneFrame;
}>;

type LaunchParts = Readonly<{
  life: VatLife;
  clients: Clients;
  grants: Grants;
  services: ReadonlyMap<string, Service>;
}>;

export type Launch = (
  config: ClusterConfig,
  system?: string,
) => Promise<LaunchResult>;

export const makeLaunch = (
  context: KernelContext,
  { life, clients, grants, services }: LaunchParts,
): Launch => {
  const { store, refs, applySyscalls, vats, powers, outbox, events } = context;

  const launch: Launch = async (config, system) => {
    insistServices(config, system !== undefined);
    const bundles = await loadBundles(config);
    if (config.forceReset === true) {
      endEarlierLaunches(context, life, config, bundles);
    }
    const id = subclusterId(store.nextId('subcluster'));
    const newborns = await startAll(id, config, bundles);
    const roots = store.savepoint(() =>
      admit(id, withoutInlineBundles(config), newborns, system ?? null),
    );
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
        throw fail('BOOTSTRAP_FAILED', { vat: config.bootstrap, problem });
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
      applySyscalls(row.id, done);
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
    const granted = store.savepoint(() => grantServices(id, config));
    const services = Object.fromEntries(
      granted.map(([name, kref]) => [name, { '@ref': kref }]),
    );
    const result = clients.call(root, 'bootstrap', [references, services]);
    // Held by the message from here on.
    store.savepoint(() => {
      granted.forEach(([, kref]) => refs.release(kref));
      refs.collect();
    });
    return result;
  };

  const insistServices = (
    { services: wanted = [] }: ClusterConfig,
    isSystem: boolean,
  ): void => {
    for (const name of wanted) {
      const service = services.get(name);
      if (service === undefined) {
        throw fail('SERVICE_UNKNOWN', { service: name });
      }
      if (service.systemOnly && !isSystem) {
        throw fail('SERVICE_RESTRICTED', { service: name });
      }
    }
  };

  /** A grant of its own for each, held until it is passed on. */
  const grantServices = (
    grantee: SubclusterId,
    { services: wanted = [] }: ClusterConfig,
  ): (readonly [string, KRef])[] =>
    wanted.map((service) => {
      const kref = grants.make({
        service,
        grantee,
        methods: null,
        parent: null,
        params: null,
      });
      refs.hold(kref);
      return [service, kref];
    });

  return harden(launch);
};
