/**
 * The kernel: assembles its parts over one store and one set of powers, and
 * offers them as the `Kernel` interface. Everything between an event (a request,
 * a frame of a host) and the end of its turn is synchronous.
 */
import harden from '@endo/harden';
import { fail, KERNEL, type OwnerId } from '@ocap/kernel-utils';
import { makeAudit } from './audit.ts';
import { makeCaps } from './caps.ts';
import { makeClients } from './clients.ts';
import { parseClusterConfig } from './cluster-config.ts';
import type { KernelContext } from './context.ts';
import { makeApplySyscalls } from './crank.ts';
import { makeDeliveries } from './deliveries.ts';
import { makeDescribe } from './describe.ts';
import { makeDisposal } from './disposal.ts';
import { makeEventWatches } from './event-watches.ts';
import { makeEvents } from './events.ts';
import { startEviction } from './eviction.ts';
import type {
  ClusterConfig,
  Kernel,
  OcapURLOptions,
  UpgradeOptions,
} from './kernel-api.ts';
import { makeLaunch } from './launch.ts';
import { makeListCaps } from './list-caps.ts';
import { makeMessages } from './messages.ts';
import { makeNames } from './names.ts';
import { makeOcapUrls } from './ocap-urls.ts';
import { insistVat, makeOperations } from './operations.ts';
import { makeOutbox } from './outbox.ts';
import type { Powers } from './powers.ts';
import { makeReferences } from './references.ts';
import { makeRevoke } from './revoke.ts';
import { makeGrants } from './services/grants.ts';
import { makeIoChannels } from './services/io-channels.ts';
import { makeKernelServices } from './services/kernel-services.ts';
import { makeLaunchServices } from './services/launch-services.ts';
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
  const refs = makeReferences(store, () => vats.ids, {
    ...caps,
    onObjectGone: (kref) => {
      caps.onObjectGone(kref);
      io.onObjectGone(kref);
    },
  });
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
  const disposal = makeDisposal(context);
  const io = makeIoChannels(context, grants);
  const urls = makeOcapUrls(context);
  const services = makeKernelServices({
    kernel: () => kernel,
    powers,
    wakeups,
    io,
    urls,
    others: extraServices,
  });
  const serviceEndpoint = makeServiceEndpoint(context, grants, services);
  const launch = makeLaunch(context, {
    life,
    clients,
    services: makeLaunchServices(context, { grants, services, io }),
  });
  const names = makeNames(context, clients);
  const upgrade = makeUpgrade(context, life);
  const describe = makeDescribe(context, clients);
  const watches = makeEventWatches(context);

  let stopping: Promise<void> | undefined;
  const insistRunning = (): void => {
    if (stopping !== undefined) {
      throw fail('SHUTTING_DOWN');
    }
  };
  const stop = async (): Promise<void> => {
    await drain();
    life.retire();
    serviceEndpoint.stop();
    clients.interruptAll();
    outbox.flush();
    watches.stop();
    cancelExpiry();
    wakeups.stop();
    disposal.stop();
    eviction.stop();
    await Promise.all([io.stop(), powers.hosts.close()]);
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
    ...makeOperations(context, { life, deliveries, clients, names }),
    upgradeVat: async (id: string, options: UpgradeOptions) => {
      insistRunning();
      return upgrade(insistVat(context, id), options);
    },
    queueMessage: async (target, method, args, options) => {
      insistRunning();
      return clients.queueMessage(target, method, args, options);
    },
    setName: names.setName,
    removeName: names.removeName,
    listNames: names.listNames,
    ...makeRevoke(context, names, urls),
    issueOcapURL: async (target: string, options?: OcapURLOptions) => {
      const issued = urls.issue(names.insistObject(target), 'client', options);
      await outbox.committed();
      return issued;
    },
    redeemOcapURL: async (url: string) => {
      const { kref } = urls.redeem(url);
      clients.lease(kref);
      await outbox.committed();
      return kref;
    },
    listCaps: makeListCaps(context, names),
    describe,
    watchEvents: async (options, onEvent) => {
      insistRunning();
      return watches.watchEvents(options, onEvent);
    },
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
  urls.recover();
  disposal.start();
  await io.recover();
  events.listen((_seq, { type }) => {
    if (type === 'terminated' || type === 'revoked') {
      wakeups.sweep();
      disposal.start();
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
