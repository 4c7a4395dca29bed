/**
 * What a program needs to find, start, stop and talk to a daemon, or a relay.
 * Importing this loads neither SES nor SQLite nor the kernel nor libp2p.
 */
export { readHomeConfig } from '../daemon/home-config.ts';
export { deleteDaemonState } from '../daemon/delete-daemon-state.ts';
export {
  backUpState,
  restoreState,
  type RestoredState,
} from '../daemon/home-backup.ts';
export { examineHome, type Finding } from '../doctor/examine-home.ts';
export { daemonCommand, ensureDaemon } from '../daemon/ensure-daemon.ts';
export { pathsOf, resolveHome, type HomePaths } from '../daemon/paths.ts';
export { findDaemon } from '../daemon/pid-file.ts';
export {
  stopDaemon,
  type StopResult,
  type StopStage,
} from '../daemon/stop-daemon.ts';
export {
  backUpIdentity,
  provideIdentity,
  restoreIdentity,
  type IdentityBackup,
  type RestoredIdentity,
} from '../identity/home-identity.ts';
export { attachRelay, type AttachedRelay } from '../relay/attach-relay.ts';
export {
  askRelay,
  ensureRelay,
  findRelayPaths,
  stopRelay,
} from '../relay/relay-control.ts';
export type { RelaySettings, RelayStatus } from '../relay/relay-settings.ts';
export type {
  DaemonEvent,
  SubscribeOptions,
  Subscription,
} from './client-subscriptions.ts';
export { DaemonError, RpcError, type DaemonErrorCode } from './errors.ts';
export { makeClient, PING_TIMEOUT_MS, type Client } from './make-client.ts';
