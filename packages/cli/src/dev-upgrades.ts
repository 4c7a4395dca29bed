/**
 * Gives running vats the code that their files hold now, unless it is what they
 * run already: an upgrade costs the heap, so it is not done for nothing.
 */
import { relative } from 'node:path';
import type { UpgradeResult } from '@ocap/kernel';
import type { Context } from './context.ts';
import type { DevVat } from './dev-target.ts';
import type { Tell } from './tell.ts';

// The new code is tried first and then started, and each may take its deadline.
const UPGRADE_TIMEOUT_MS = 120_000;

export type DevUpgrades = Readonly<{
  /** The file holds this code now: whether that is another than runs. */
  take(path: string, code: string): boolean;
  /** The file holds nothing that could run. */
  refuse(path: string, problem: unknown): void;
  /** Upgrades the vats of every file whose code they do not run, one after the other. */
  upgrade(): Promise<void>;
}>;

type Options = Readonly<{
  vats: () => readonly DevVat[];
  /** Code that is known to run, by the path of its file. */
  running: ReadonlyMap<string, string>;
  /** Whether a change is to be announced, since its upgrade waits to be asked for. */
  onRequest: boolean;
  tell: Tell;
}>;

export const makeDevUpgrades = (
  context: Pick<Context, 'call' | 'cwd'>,
  { vats, running: known, onRequest, tell }: Options,
): DevUpgrades => {
  const running = new Map(known);
  const taken = new Set<string>();
  const waiting = new Map<string, string>();
  const shown = (path: string): string => relative(context.cwd, path);
  const vatsOf = (path: string): readonly DevVat[] =>
    vats().filter(({ file }) => file.path === path);

  const take: DevUpgrades['take'] = (path, code) => {
    const isFirst = !taken.has(path);
    taken.add(path);
    if (running.get(path) === code) {
      waiting.delete(path);
      if (!isFirst) {
        tell.event('unchanged', { source: path }, (style) =>
          style.dim(`${shown(path)} makes the same code as runs already`),
        );
      }
      return false;
    }
    waiting.set(path, code);
    if (onRequest) {
      tell.event(
        'changed',
        { source: path },
        // The first time nothing is known of what runs, so nothing is said of it.
        () =>
          `${shown(path)}${isFirst ? '' : ' has changed'}: Enter upgrades ${names(path)}`,
      );
    }
    return true;
  };

  const names = (path: string): string =>
    vatsOf(path)
      .map(({ name, id }) => `${name} ${id}`)
      .join(', ');

  const upgrade = async (): Promise<void> => {
    if (waiting.size === 0) {
      tell.event('unchanged', {}, (style) =>
        style.dim('nothing has changed since the last upgrade'),
      );
    }
    for (const [path, code] of waiting) {
      waiting.delete(path);
      let isDone = true;
      for (const vat of vatsOf(path)) {
        isDone = (await upgradeVat(context, tell, vat)) && isDone;
      }
      if (isDone) {
        running.set(path, code);
      } else {
        running.delete(path); // Perhaps one of two has it: what runs is not known.
      }
    }
  };

  // One after the other also where Enter is pressed twice.
  let last = Promise.resolve();
  return {
    take,
    refuse: (path, problem) => {
      waiting.delete(path);
      const goesOn = `${names(path)} goes on as it was`;
      tell.problem('problem', { source: path }, problem, goesOn);
    },
    upgrade: async () => {
      last = last.then(upgrade);
      return last;
    },
  };
};

/** Whether it runs the code of its file now. */
const upgradeVat = async (
  { call, cwd }: Pick<Context, 'call' | 'cwd'>,
  tell: Tell,
  { id, name, file: { field, url, path } }: DevVat,
): Promise<boolean> => {
  const startedAt = performance.now();
  const about = { vat: id, name, source: path };
  try {
    const { incarnation } = (await call(
      'upgradeVat',
      { id, [field]: url },
      { timeoutMs: UPGRADE_TIMEOUT_MS },
    )) as UpgradeResult;
    const ms = Math.round(performance.now() - startedAt);
    tell.event(
      'upgraded',
      { ...about, incarnation },
      (style) =>
        `${style.green('✓')} ${name} ${id} upgraded to ${relative(cwd, path)} in ${ms} ms`,
    );
    return true;
  } catch (error) {
    tell.problem('failed', about, error);
    return false;
  }
};
