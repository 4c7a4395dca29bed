/** Every file of a relay: in a folder of its own, so that it shares none with a daemon. */
import { join } from 'node:path';
import { processPathsOf, type ProcessPaths } from '../daemon/paths.ts';

export type RelayPaths = ProcessPaths &
  Readonly<{
    /** Who it is to others; whoever has a copy can pass for this relay. */
    identityPath: string;
  }>;

/** `home` is that of a daemon, which need not exist. */
export const relayHomeOf = (home: string): string => join(home, 'relay');

/** @throws HOME_TOO_DEEP if no socket can be made there */
export const relayPathsOf = (relayHome: string): RelayPaths => ({
  ...processPathsOf(relayHome, 'relay'),
  identityPath: join(relayHome, 'identity.key'),
});
