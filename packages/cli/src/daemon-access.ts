/**
 * What the commands need of `@ocap/nodejs/client`, loaded on first use: the
 * paths of a home, its identity, the life of its daemon and of its relay, and a client at its socket.
 */
import type * as ClientModule from '@ocap/nodejs/client';

export type DaemonAccess = Pick<
  typeof ClientModule,
  | 'resolveHome'
  | 'pathsOf'
  | 'ensureDaemon'
  | 'stopDaemon'
  | 'deleteDaemonState'
  | 'makeClient'
  | 'findDaemon'
  | 'findRelayPaths'
  | 'ensureRelay'
  | 'attachRelay'
  | 'askRelay'
  | 'stopRelay'
  | 'provideIdentity'
  | 'backUpIdentity'
  | 'restoreIdentity'
  | 'backUpState'
  | 'restoreState'
  | 'examineHome'
  | 'daemonCommand'
  | 'readHomeConfig'
>;

export const loadDaemonAccess = async (): Promise<DaemonAccess> =>
  import('@ocap/nodejs/client');
