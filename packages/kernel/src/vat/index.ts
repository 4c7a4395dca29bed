export { makeHost, type Host, type HostPowers } from './host.ts';
export type * from './protocol.ts';
export { makeSharedRegistry } from './shared-registry.ts';
export type { GcTools } from './supervisor.ts';
