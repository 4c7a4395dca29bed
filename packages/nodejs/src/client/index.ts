/**
 * What a program needs to find, start, stop and talk to a daemon. Importing
 * this loads neither SES nor SQLite nor the kernel.
 */
export { deleteDaemonState } from '../daemon/delete-daemon-state.ts';
export { ensureDaemon } from '../daemon/ensure-daemon.ts';
export { pathsOf, resolveHome, type HomePaths } from '../daemon/paths.ts';
export { findDaemon } from '../daemon/pid-file.ts';
export {
  stopDaemon,
  type StopResult,
  type StopStage,
} from '../daemon/stop-daemon.ts';
export type {
  DaemonEvent,
  SubscribeOptions,
  Subscription,
} from './client-subscriptions.ts';
export { DaemonError, RpcError, type DaemonErrorCode } from './errors.ts';
export { makeClient, PING_TIMEOUT_MS, type Client } from './make-client.ts';
