/**
 * The kernel: assembles its parts over one store and one set of powers, and
 * offers them as the `Kernel` interface. Everything between an event (a request,
 * a frame of a host) and the end of its turn is synchronous.
 */
import harden from '@endo/harden';
import {
  fail,
  isSubclusterId,
  isVatId,
  KERNEL,
  type OwnerId,
  type VatId,
} from '@ocap/kernel-utils';
import { makeAudit } from './audit.ts';
import { makeCaps } from './caps.ts';
import { makeClients } from './clients.ts';
import { parseClusterConfig } from './cluster-config.ts';
import type { KernelContext } from './context.ts';
import { makeApplySyscalls } from './crank.ts';
import { makeDeliveries } from './deliveries.ts';
import { makeDescribe } from './describe.ts';
import { makeEvents } from './events.ts';
import { startEviction } from './eviction.ts';
import type { ClusterConfig, Kernel, UpgradeOptions } from './kernel-api.ts';
import { makeLaunch } from './launch.ts';
import { makeListCaps } from './list-caps.ts';
import { makeMessages } from './messages.ts';
import { makeNames } from './names.ts';
import { makeOutbox } from './outbox.ts';
import type { Powers } from './powers.ts';
import { makeReferences } from './references.ts';
import { makeRevoke } from './revoke.ts';
import { makeClockService } from './services/clock.ts';
import { makeGrants } from './services/grants.ts';
import { makeKernelFacet } from './services/kernel-facet.ts';
import { makeNamesService } from './services/names-service.ts';
import { makeRandomService } from './services/random.ts';
import { makeServiceEndpoint } from './services/service-endpoint.ts';
import type { Service } from './services/service.ts';
import { makeStatus } from './status.ts';
import { makeKernelStore } from './store/kernel-store.ts';
import type { StoreBackend } from './store/store-backend.ts';
import { makeSystemSubclusters } from './system-subclusters.ts';
import { makeUpgrade } from './upgrade.ts';
import { makeVatLife } from './vat-life.ts';
import { makeVatRuntimes } from './vat-runtimes.ts';
import { makeWakeups } from './wakeups.ts';

/** How long a stop waits for vats that are at work, in ms, and how often it looks. */
const DRAIN_MS = 1000;
const DRAIN_STEP_MS = 10;
/** How often expired leases and answers are looked for, in ms. */
const EXPIRE_EVERY_MS = 60 * 60 * 1000;

export type KernelOptions = Readonly<{
  backend: StoreBackend;
  powers: Powers;
  /** Subclusters that exist from the start, by name, and only once. */
  systemSubclusters?: Readonly<Record<string, ClusterConfig>>;
  /** Services of the embedder, by name. */
  services?: Readonly<Record<string, Service>>;
}>;

export const makeKernel = async ({
  backend,
  powers,
  systemSubclusters = {},
  services: extraServices = {},
}: KernelOptions): Promise<Kernel> => {
  const store = makeKernelStore(backend);
  const vats = makeVatRuntimes(backend.scan.vatIds());
  const caps = makeCaps(store, {
    vatIds: () => vats.ids,
    epoch: powers.epoch,
  });
  const events = makeEvents(store, powers);
  const refs = makeReferences(store, () => vats.ids, caps);
  const messages = makeMessages(store, refs, {
    isBarred: caps.isBarred,
    onWork: (owner) => wake(owner),
    onSettled: (kref, row) => clients.onSettled(kref, row),
  });
  const isBusy = (): boolean =>
    [...vats.hosts].some(({ queue }) => queue.length > 0);
  const outbox = makeOutbox({
    commit: store.commit,
    isBusy,
    powers,
  });

  // Vats are attended to when the event that gave them something to do is
  // over: within it, a savepoint may be open.
  const woken = new Set<OwnerId>();
  const attendAll = (): void => {
    for (const vatId of woken) {
      woken.delete(vatId);
      if (vatId === KERNEL) {
        serviceEndpoint.attend();
      } else {
        life.attend(vatId);
      }
    }
  };
  const wake = (vatId: OwnerId): void => {
    if (woken.size === 0) {
      void Promise.resolve().then(attendAll).catch(powers.fatal);
    }
    woken.add(vatId);
  };

  const context: KernelContext = {
    store,
    refs,
    messages,
    caps,
    events,
    applySyscalls: makeApplySyscalls({ store, refs, messages }),
    outbox,
    powers,
    vats,
    wake,
  };
  const deliveries = makeDeliveries(context);
  const life = makeVatLife(context, deliveries);
  const clients = makeClients(context);
  const grants = makeGrants(context);
  const wakeups = makeWakeups(context, grants);
  const services = new Map<string, Service>([
    ['kernelFacet', makeKernelFacet(() => kernel)],
    ['names', makeNamesService(() => kernel)],
    ['clock', makeClockService(wakeups, powers)],
    ['random', makeRandomService(powers)],
    ...Object.entries(extraServices),
  ]);
  const serviceEndpoint = makeServiceEndpoint(context, grants, services);
  const launch = makeLaunch(context, { life, clients, grants, services });
  const names = makeNames(context, clients);
  const upgrade = makeUpgrade(context, life);
  const describe = makeDescribe(context, clients);

  const insistVat = (id: string): VatId => {
    if (!isVatId(id) || !vats.ids.has(id)) {
      throw fail('VAT_UNKNOWN', { vat: id });
    }
    return id;
  };

  let stopping: Promise<void> | undefined;
  const insistRunning = (): void => {
    if (stopping !== undefined) {
      throw fail('SHUTTING_DOWN');
    }
  };
  const stop = async (): Promise<void> => {
    await drain();
    life.retire();
    clients.interruptAll();
    outbox.flush();
    cancelExpiry();
    wakeups.stop();
    eviction.stop();
    await powers.hosts.close();
    store.close();
  };
  /** What is under way may finish, within a bound; what waits stays in its inbox. */
  const drain = async (): Promise<void> => {
    const until = powers.now() + DRAIN_MS;
    while (isBusy() && powers.now() < until) {
      await new Promise<void>((resolve) => {
        powers.after(DRAIN_STEP_MS, resolve);
      });
    }
  };

  let cancelExpiry = (): void => undefined;
  const expireRegularly = (): void => {
    clients.expire();
    outbox.touch();
    cancelExpiry = powers.after(EXPIRE_EVERY_MS, expireRegularly);
  };

  const kernel: Kernel = harden({
    getStatus: makeStatus(context),
    launchSubcluster: async (config: ClusterConfig) => {
      insistRunning();
      return launch(parseClusterConfig(config));
    },
    terminateSubcluster: async (id: string) => {
      if (!isSubclusterId(id) || store.subclusters.get(id) === undefined) {
        throw fail('SUBCLUSTER_UNKNOWN', { subcluster: id });
      }
      for (const vatId of [...vats.ids]) {
        if (store.vats.get(vatId)?.subclusterId === id) {
          life.terminate(vatId, 'its subcluster was terminated');
        }
      }
      await outbox.committed();
    },
    terminateVat: async (id: string) => {
      life.terminate(insistVat(id), 'an operator ended it');
      await outbox.committed();
    },
    terminateAllVats: async () => {
      for (const id of [...vats.ids]) {
        life.terminate(id, 'an operator ended all vats');
      }
      await outbox.committed();
    },
    restartVat: async (id: string) => {
      const vatId = insistVat(id);
      life.restart(vatId, 'an operator restarted it');
      await life.awaken(vatId);
      await outbox.committed();
    },
    upgradeVat: async (id: string, options: UpgradeOptions) => {
      insistRunning();
      return upgrade(insistVat(id), options);
    },
    pingVat: async (id: string) => {
      const vat = await life.awaken(insistVat(id));
      await life.hosts.ping(vat);
      return 'pong';
    },
    queueMessage: async (target, method, args, options) => {
      insistRunning();
      return clients.queueMessage(target, method, args, options);
    },
    collectGarbage: async () => {
      clients.expire();
      for (const vatId of vats.ids) {
        const vat = vats.peek(vatId);
        if (vat?.state === 'awake') {
          deliveries.collect(vat);
          wake(vatId);
        }
      }
      await outbox.committed();
    },
    clearState: async () => {
      for (const id of [...vats.ids]) {
        life.terminate(id, 'the state of the kernel was cleared');
      }
      names.forgetAll();
      clients.forgetAll();
      for (const hash of [...store.scan().bundleHashes()]) {
        store.bundles.delete(hash);
      }
      await outbox.committed();
    },
    setName: names.setName,
    removeName: names.removeName,
    listNames: names.listNames,
    ...makeRevoke(context, names),
    listCaps: makeListCaps(context, names),
    describe,
    audit: makeAudit(context),
    executeDBQuery: (sql: string) => {
      outbox.flush();
      return store.query(sql);
    },
    stop: async () => {
      stopping ??= stop();
      return stopping;
    },
  });

  const eviction = startEviction(context, life, deliveries);
  life.recover();
  serviceEndpoint.recover();
  clients.recover();
  wakeups.recover();
  events.listen((_seq, { type }) => {
    if (type === 'terminated' || type === 'revoked') {
      wakeups.sweep();
    }
  });
  for (const vatId of store.inbox.owners()) {
    wake(vatId);
  }
  await makeSystemSubclusters(context, {
    launch,
    terminate: kernel.terminateSubcluster,
  })(systemSubclusters);
  expireRegularly();
  return kernel;
};
