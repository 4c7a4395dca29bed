/**
 * The kernel: assembles its parts over one store and one set of powers, and
 * offers them as the `Kernel` interface. Everything between an event (a request,
 * a frame of a host) and the end of its turn is synchronous.
 */
import harden from '@endo/harden';
import {
  fail,
  isRemoteId,
  KERNEL,
  type EndpointId,
  type OwnerId,
  type VatId,
} from '@ocap/kernel-utils';
import { makeAccesses } from './access.ts';
import { makeAttention } from './attention.ts';
import { makeAudit } from './audit.ts';
import { makeCaps } from './caps.ts';
import { makeClients } from './clients.ts';
import { parseClusterConfig } from './cluster-config.ts';
import type { KernelContext } from './context.ts';
import { makeCounts } from './counts.ts';
import { makeApplySyscalls } from './crank.ts';
import { makeDeliveries } from './deliveries.ts';
import { makeDescribe } from './describe.ts';
import { makeDisposal } from './disposal.ts';
import { drain } from './drain.ts';
import { makeEventWatches } from './event-watches.ts';
import { makeEvents } from './events.ts';
import { startEviction } from './eviction.ts';
import { makeExpiry } from './expiry.ts';
import type { IllegalSyscall } from './illegal-syscall.ts';
import type { ClusterConfig, Kernel, UpgradeOptions } from './kernel-api.ts';
import { makeKernelMetrics } from './kernel-metrics.ts';
import { makeLateWork } from './late-work.ts';
import { makeLaunch } from './launch.ts';
import { makeListCaps } from './list-caps.ts';
import { makeMessages } from './messages.ts';
import { makeNames } from './names.ts';
import { makeOcapUrls } from './ocap-urls.ts';
import { refusedWithoutRoom } from './needs-room.ts';
import { insistVat, makeOperations } from './operations.ts';
import { makeOutbox } from './outbox.ts';
import { makeParkingExcess } from './parking.ts';
import type { Powers } from './powers.ts';
import { makeReferences } from './references.ts';
import { makeRedeemUrl } from './remotes/redeem-url.ts';
import { makeRemotes } from './remotes/remotes.ts';
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
import { makeUrlOperations } from './url-operations.ts';
import { makeVatLife } from './vat-life.ts';
import { makeVatRuntimes } from './vat-runtimes.ts';
import { makeWakeups } from './wakeups.ts';

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
    vatIds: () => endpoints(),
    epoch: powers.epoch,
  });
  const events = makeEvents(store, powers);
  const endpoints = (): EndpointId[] => [...vats.ids, ...remotes.ids()];
  const refs = makeReferences(store, endpoints, {
    ...caps,
    onObjectGone: (kref) => {
      caps.onObjectGone(kref);
      io.onObjectGone(kref);
    },
    onImportDropped: (id, kref) => thirdParties.onImportDropped(id, kref),
    onShortcutIdle: (kref) => thirdParties.shortcuts.onIdle(kref),
  });
  const messages = makeMessages(store, refs, {
    isBarred: caps.isBarred,
    parkingExcess: makeParkingExcess({ store, powers }),
    onWork: (owner) => wake(owner),
    onSettled: (kref, row) =>
      thirdParties.onSettled(kref, row) || clients.onSettled(kref, row),
  });
  const counts = makeCounts();
  const outbox = makeOutbox({
    counts,
    commit: () => {
      remotes.fill();
      const problem = store.commit();
      if (problem === undefined) {
        remotes.onCommitted();
      }
      return problem;
    },
    isBusy: vats.isBusy,
    onRoom: () => [...vats.ids, KERNEL as OwnerId].forEach((id) => wake(id)),
    onInterrupted: (error) => clients.interruptAll(error),
    powers,
  });
  const wake = makeAttention({
    attend: (owner) => {
      if (isRemoteId(owner)) {
        remotes.attend();
      } else if (owner === KERNEL) {
        serviceEndpoint.attend();
      } else {
        life.attend(owner);
      }
    },
    onAttended: () => {
      if (!vats.isBusy()) {
        outbox.onQuiet();
      }
    },
    powers,
  });

  const basis = {
    store,
    refs,
    messages,
    caps,
    events,
    counts,
    outbox,
    powers,
    vats,
    wake,
    condemn: (vatId: VatId, { message }: IllegalSyscall) =>
      life.terminate(vatId, `it broke the rules: ${message}`),
  };
  const lateWork = makeLateWork(basis);
  const applySyscalls = makeApplySyscalls({ ...basis, lateWork });
  const context: KernelContext = { ...basis, lateWork, applySyscalls };
  const deliveries = makeDeliveries(context);
  const life = makeVatLife(context, deliveries, () => eviction.onAttached());
  const clients = makeClients(context);
  const grants = makeGrants(context);
  const wakeups = makeWakeups(context, grants);
  const disposal = makeDisposal(context);
  const io = makeIoChannels(context, grants);
  const urls = makeOcapUrls(context);
  const remotes = makeRemotes(context, { grants, clients, urls });
  const { thirdParties } = remotes;
  const redeem = makeRedeemUrl({ urls, remotes });
  const services = makeKernelServices({
    kernel: () => kernel,
    powers,
    wakeups,
    io,
    urls,
    redeem,
    gate: { peerIdOf: remotes.peerIdOf, ...thirdParties },
    others: extraServices,
  });
  const serviceEndpoint = makeServiceEndpoint(context, grants, services);
  const launch = makeLaunch(context, {
    life,
    clients,
    services: makeLaunchServices(context, { grants, services, io }),
  });
  const names = makeNames(context, clients);
  const accesses = makeAccesses(context, names);
  const expiry = makeExpiry(context, [clients, accesses, urls]);
  const upgrade = makeUpgrade(context, life);
  const describe = makeDescribe(context, clients, remotes.isConnected);
  const watches = makeEventWatches(context);

  let stopping: Promise<void> | undefined;
  const insistRunning = (): void => {
    if (stopping !== undefined) {
      throw fail('SHUTTING_DOWN');
    }
  };
  const stop = async (): Promise<void> => {
    await drain(vats, powers);
    life.retire();
    serviceEndpoint.stop();
    clients.interruptAll(fail('INTERRUPTED', { what: 'The call' }));
    const remotesStopped = remotes.stop();
    if (!outbox.finish()) {
      powers.logger.error(
        'What there was no room for is lost; nobody was told of it.',
      );
    }
    const parts = [watches, expiry, wakeups, disposal, lateWork, eviction];
    parts.forEach((part) => part.stop());
    await Promise.all([io.stop(), remotesStopped, powers.hosts.close()]);
    store.close();
  };

  const whole: Kernel = {
    ...makeStatus(context, { remoteComms: remotes.status, insistRunning }),
    getMetrics: makeKernelMetrics(context, { remoteComms: remotes.status }),
    launchSubcluster: async (config: ClusterConfig) => {
      insistRunning();
      return launch(parseClusterConfig(config));
    },
    ...makeOperations(context, {
      life,
      deliveries,
      clients,
      names,
      accesses,
      expiry,
      remotes,
    }),
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
    ...makeRevoke(context, { names, urls, accesses }),
    ...accesses.control,
    initRemoteComms: remotes.initRemoteComms,
    registerLocationHints: remotes.registerLocationHints,
    ...makeUrlOperations(context, {
      names,
      urls,
      redeem,
      clients,
      insistRunning,
    }),
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
  };
  const kernel: Kernel = harden({
    ...whole,
    ...refusedWithoutRoom(whole, outbox.storage.insistRoom),
  });

  const eviction = startEviction(context, life, deliveries);
  life.recover();
  serviceEndpoint.recover();
  clients.recover();
  wakeups.recover();
  urls.recover();
  accesses.recover();
  remotes.recover();
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
  expiry.start();
  return kernel;
};
