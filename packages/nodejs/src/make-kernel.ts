/**
 * A kernel on Node.js: the SQLite store, vat hosts as processes, real time. The
 * caller's process must be under SES lockdown.
 */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  auditStore,
  makeKernel as makeBareKernel,
  type ClusterConfig,
  type Kernel,
  type PeerTransport,
  type Powers,
  type Service,
} from '@ocap/kernel';
import {
  ifDefined,
  limitValues,
  type LimitValues,
  type Logger,
} from '@ocap/kernel-utils';
import { makePeerIdentity, provideSeed } from './identity/peer-identity.ts';
import { makeIo } from './io/open-channel.ts';
import { hashOf, makeBundleLoader } from './load-bundle.ts';
import { makeGuardedFetch } from './network/guarded-fetch.ts';
import { deleteDatabase } from './store/delete-database.ts';
import { openSqliteBackend } from './store/sqlite-backend.ts';
import { makeLibp2pTransport } from './remotes/libp2p-transport.ts';
import { makeVatHostPool } from './vat-hosts/vat-host-pool.ts';

export type KernelDatabase = Readonly<{
  path: string;
  /** Idempotent; `kernel.stop()` does it as its last step. */
  close(): void;
}>;

export const makeKernel = async ({
  databasePath,
  ioFolder = dirname(databasePath),
  logger,
  resetStorage = false,
  systemSubclusters,
  services,
  limits,
  peers,
  keepSpareHost = true,
  onFatal = exitAtOnce,
}: Readonly<{
  databasePath: string;
  /** From where the relative paths of IO channels are taken; that of the database by default. */
  ioFolder?: string;
  logger: Logger;
  /** Begins with an empty store. */
  resetStorage?: boolean;
  /** Subclusters that exist from the start, by name, and only once. */
  systemSubclusters?: Readonly<Record<string, ClusterConfig>>;
  /** Objects of this process that configs may ask for by name. */
  services?: Readonly<Record<string, Service>>;
  /** Limits that are not to have their usual value. */
  limits?: Partial<LimitValues>;
  /** How to reach other kernels; libp2p by default. */
  peers?: PeerTransport;
  /** Whether a booted process is kept ready for the next vat that needs one. */
  keepSpareHost?: boolean;
  /** Told that the store has failed; the process should end. */
  onFatal?: (error: unknown) => void;
}>): Promise<Readonly<{ kernel: Kernel; kernelDatabase: KernelDatabase }>> => {
  if (resetStorage) {
    deleteDatabase(databasePath);
  }
  const values = limitValues(limits);
  const time = makeTime();
  const pool = makeVatHostPool(logger, values, keepSpareHost);
  const { loadBundle, close: closeLoader } = makeBundleLoader(logger);
  // The bundler is a child process like the hosts, and goes when they go.
  const closeChildren = async (): Promise<void> => {
    await Promise.all([pool.close(), closeLoader()]);
  };
  try {
    const fatal = (error: unknown): void => {
      logger.error('The store failed; the daemon ends.', { err: error });
      onFatal(error);
    };
    let isStarted = false;
    const backend = openSqliteBackend(databasePath, {
      checkedBytes: values.storeBytesChecked,
      findMigratedProblem,
      // Until then whoever starts it is told, because the start fails.
      onFailure: (error) => {
        if (isStarted) fatal(error);
      },
      onCopyRefused: (problem) =>
        logger.warn('The database cannot grow; its log does instead.', {
          problem,
        }),
    });
    const identityPath = join(dirname(databasePath), 'identity.key');
    const kernel = await makeBareKernel({
      backend,
      powers: {
        hosts: { ...pool, close: closeChildren },
        network: { fetch: makeGuardedFetch(values) },
        io: makeIo({
          folder: ioFolder,
          logger,
          limits: values,
          now: time.now,
        }),
        loadBundle,
        hash: hashOf,
        identity: makePeerIdentity(identityPath),
        peers:
          peers ??
          makeLibp2pTransport({
            seed: () => provideSeed(identityPath),
            limits: values,
            logger,
          }),
        randomHex: (bytes) => randomBytes(bytes).toString('hex'),
        ...time,
        limits: values,
        logger,
        fatal,
      },
      ...ifDefined({ systemSubclusters, services }),
    });
    isStarted = true;
    return {
      kernel,
      kernelDatabase: { path: databasePath, close: backend.close },
    };
  } catch (error) {
    await closeChildren();
    throw error;
  }
};

/** What the audit of a kernel over this database would tell. */
const findMigratedProblem = (path: string): string | undefined => {
  const backend = openSqliteBackend(path);
  try {
    return auditStore(backend).problems[0];
  } finally {
    backend.close();
  }
};

/** What was not committed must not be seen: no clean-up, no more answers. */
const exitAtOnce = (): never => process.exit(70);

const makeTime = (): Pick<Powers, 'now' | 'epoch' | 'nextTurn' | 'after'> => ({
  now: () => performance.now(),
  epoch: () => Date.now(),
  nextTurn: (task) => {
    setImmediate(task);
  },
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
});
