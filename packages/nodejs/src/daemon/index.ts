/**
 * The daemon as a library. Importing it is harmless; `startDaemon` loads the
 * kernel and needs SES lockdown.
 */
export * from '../client/index.ts';
export { readLine, writeLine } from './line-protocol.ts';
export { acquireLock, isLocked, type Lock } from './lock.ts';
export {
  logLevels,
  makeLogger,
  type DaemonLogger,
  type LogLevel,
} from './logs.ts';
export {
  startRpcSocketServer,
  type RpcSocketServer,
} from './rpc-socket-server.ts';
export { startDaemon, type Daemon } from './start-daemon.ts';
