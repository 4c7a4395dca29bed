/** Whether the daemon of a home is gone, or goes within a moment: a process that ends has a pid for a little longer. */
import { gone } from '../../support/processes.ts';
import type { Home } from '../../support/home.ts';

const MOMENT_MS = 5000;

export const hasEnded = async ({ daemonPid }: Home): Promise<boolean> => {
  const pid = daemonPid();
  if (pid === undefined) return true;
  return gone(pid, MOMENT_MS).then(
    () => true,
    () => false,
  );
};
