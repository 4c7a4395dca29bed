/**
 * `config.json` in the home: what the operator declares for this daemon. Read
 * once, at the start. A file that cannot be understood keeps the daemon from
 * starting, so that nobody believes in a setting that nobody reads.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { ClusterConfig } from '@ocap/kernel';
import {
  findLimitProblem,
  messageOf,
  type LimitValues,
} from '@ocap/kernel-utils';
import { absoluteConfig } from '../client/absolute-specs.ts';
import { DaemonError } from '../client/errors.ts';

export type HomeConfig = Readonly<{
  /** Subclusters that exist from the start, by name; paths in them are from the home. */
  systemSubclusters: Readonly<Record<string, ClusterConfig>>;
  /** Limits that are not to have their usual value. */
  limits: Partial<LimitValues>;
}>;

type Unknown = Readonly<Record<string, unknown>>;

/** @throws CONFIG_UNUSABLE */
export const readHomeConfig = (
  configPath: string,
  home: string,
): HomeConfig => {
  if (!existsSync(configPath)) {
    return { systemSubclusters: {}, limits: {} };
  }
  const refuse = (problem: string): never => {
    throw new DaemonError('CONFIG_UNUSABLE', { path: configPath, problem });
  };
  const insistRecord = (value: unknown, what: string): Unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Unknown)
      : refuse(`${what} is not an object`);

  const read = (): unknown => {
    try {
      return JSON.parse(readFileSync(configPath, 'utf8'));
    } catch (error) {
      return refuse(messageOf(error));
    }
  };
  const {
    systemSubclusters = {},
    limits: wanted = {},
    ...others
  } = insistRecord(read(), 'it');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    refuse(`there is no setting "${unknown}"`);
  }

  const configs = Object.entries(
    insistRecord(systemSubclusters, 'systemSubclusters'),
  ).map(([name, config]) => [
    name,
    absoluteConfig(insistRecord(config, `systemSubclusters.${name}`), home),
  ]);
  const values = insistRecord(wanted, 'limits');
  for (const [name, value] of Object.entries(values)) {
    const problem = findLimitProblem(name, value);
    if (problem !== undefined) refuse(problem);
  }
  return {
    // Looked at by the kernel, one by one: a bad one does not stop the others.
    systemSubclusters: Object.fromEntries(configs) as Record<
      string,
      ClusterConfig
    >,
    limits: values,
  };
};
