export type * from './access-api.ts';
export { auditStore } from './audit.ts';
export { parseAllowedHost } from './allowed-hosts.ts';
export { makeConsoleCap } from './console-cap.ts';
export * from './kernel-api.ts';
export { makeKernel, type KernelOptions } from './kernel.ts';
export * from './powers.ts';
export type * from './remotes/peer-transport.ts';
export type { Service, ServiceCaller } from './services/service.ts';
export type * from './status-api.ts';
export type { KernelStore } from './store/kernel-store.ts';
export type { StoreBackend } from './store/store-backend.ts';
export type { TableBackend } from './store/table.ts';
export * from './store/rows.ts';
export type {
  FetchOutcome,
  FetchRequest,
  FetchResponse,
  HeaderPair,
} from './vat/fetch-protocol.ts';
export type { ReadReply, ToHost } from './vat/protocol.ts';
export type {
  EventPlace,
  KernelEvent,
  Occurrence,
  Watch,
  WatchOptions,
} from './watch.ts';
