/**
 * Subclusters that are declared when the daemon starts. Each is there once, by
 * its name, with the state that it had; one that is no longer declared goes. A
 * declaration that has changed does not touch what runs, for it could only be
 * launched anew and without its state; with `forceReset` it is, at every start.
 */
import harden from '@endo/harden';
import { messageOf } from '@ocap/kernel-utils';
import { parseClusterConfig } from './cluster-config.ts';
import type { KernelContext } from './context.ts';
import { withoutInlineBundles } from './inline-bundles.ts';
import type { ClusterConfig, Kernel } from './kernel-api.ts';
import type { Launch } from './launch.ts';

export type Declared = Readonly<Record<string, ClusterConfig>>;

export const makeSystemSubclusters = (
  { store, powers }: Pick<KernelContext, 'store' | 'powers'>,
  {
    launch,
    terminate,
  }: Readonly<{ launch: Launch; terminate: Kernel['terminateSubcluster'] }>,
): ((declared: Declared) => Promise<void>) => {
  const { logger } = powers;

  const isKept = (
    system: string,
    before: ClusterConfig,
    declared: Declared,
  ) => {
    const config = Object.hasOwn(declared, system)
      ? declared[system]
      : undefined;
    if (config === undefined || config.forceReset === true) {
      return false;
    }
    if (textOf(config) !== textOf(before)) {
      logger.warn(
        `the system subcluster ${system} runs as it was first declared; its declaration has changed since. Upgrade its vats, or declare it with forceReset to begin anew.`,
      );
    }
    return true;
  };

  const textOf = (config: ClusterConfig): string => {
    try {
      return JSON.stringify(withoutInlineBundles(parseClusterConfig(config)));
    } catch {
      return ''; // Told by the launch that it does not prevent.
    }
  };

  return harden(async (declared: Declared) => {
    const present = new Set<string>();
    for (const { id, system, config } of [...store.scan().subclusters()]) {
      if (system !== null && isKept(system, config, declared)) {
        present.add(system);
      } else if (system !== null) {
        await terminate(id);
      }
    }
    for (const [name, config] of Object.entries(declared)) {
      if (!present.has(name)) {
        try {
          await launch(parseClusterConfig(config), name);
        } catch (error) {
          logger.error(
            `the system subcluster ${name} did not start: ${messageOf(error)}`,
          );
        }
      }
    }
  });
};
