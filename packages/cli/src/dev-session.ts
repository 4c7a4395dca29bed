/**
 * The part of `ocap dev` that goes on: files are watched and vats upgraded,
 * until it is told to stop or no vat is left. The vats outlive it.
 */
import { relative } from 'node:path';
import { createInterface } from 'node:readline';
import type { ObjectDescription } from '@ocap/kernel';
import { printable } from '@ocap/kernel-utils';
import { remakeOnChange } from '@ocap/nodejs/bundle';
import type { Context } from './context.ts';
import type { DevTarget, DevVat } from './dev-target.ts';
import { makeDevUpgrades, type DevUpgrades } from './dev-upgrades.ts';
import type { Answer } from './output.ts';
import type { Tell } from './tell.ts';
import { codeOf } from './vat-code.ts';
import { untilVatsEnd } from './vats-end.ts';

type Session = Readonly<{
  context: Context;
  tell: Tell;
  stop: AbortSignal;
  /** Upgrade when a line comes on stdin, and not with every change. */
  onRequest: boolean;
  target: DevTarget;
  /** Code that is known to run, by the path of its file. */
  running: ReadonlyMap<string, string>;
}>;

/** What there is to say at the end: that the vats go on, or that they have ended. */
export const followFiles = async (session: Session): Promise<Answer> => {
  const { context, stop, onRequest, target } = session;
  const living = new Map(target.vats.map((vat) => [vat.id, vat]));
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const upgrades = makeDevUpgrades(context, {
    ...session,
    vats: () => [...living.values()],
  });
  const stopListening = onRequest
    ? onEachLine(() => void upgrades.upgrade())
    : undefined;
  const parts = [
    watchFiles(session, upgrades, signal),
    untilVatsEnd(context, {
      ids: [...living.keys()],
      signal,
      onEnded: (id) => tellEnded(session, living, id),
      onDaemonGone: () => tellDaemonGone(session),
    }),
  ];
  try {
    await Promise.race(parts);
  } finally {
    over.abort();
    stopListening?.();
    await Promise.allSettled(parts);
  }
  return living.size > 0
    ? leftAnswer(target, [...living.values()])
    : overAnswer(target, await reasonOf(context, target));
};

/** Returns how to stop, without which the process would wait for more lines. */
const onEachLine = (onLine: () => void): (() => void) => {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', onLine);
  return () => {
    lines.close();
    process.stdin.destroy();
  };
};

const watchFiles = async (
  { context, tell, onRequest, target }: Session,
  upgrades: DevUpgrades,
  signal: AbortSignal,
): Promise<void> => {
  const files = new Map(target.vats.map(({ file }) => [file.path, file]));
  const paths = [...files.keys()];
  const shown = paths.map((path) => relative(context.cwd, path)).join(', ');
  await remakeOnChange(signal, {
    list: async () => paths,
    make: async (path, note) => {
      const file = files.get(path);
      return file === undefined ? '' : codeOf(file, note);
    },
    onMade: async (path, code) => {
      const isNew = upgrades.take(path, code);
      if (isNew && !onRequest) {
        await upgrades.upgrade();
      }
    },
    onProblem: upgrades.refuse,
    onWatching: () =>
      tell.event('watching', { name: target.name, sources: paths }, (style) => {
        const enter = onRequest ? 'Enter upgrades, ' : '';
        return style.dim(
          `watching ${shown}      ${enter}Ctrl-C leaves ${target.name} running`,
        );
      }),
  });
};

const tellEnded = (
  { tell }: Session,
  living: Map<string, DevVat>,
  id: string,
): void => {
  const name = living.get(id)?.name ?? '';
  living.delete(id);
  tell.event('ended', { vat: id, name }, () => `${name} ${id} has ended`);
};

const tellDaemonGone = ({ tell, target: { name } }: Session): void =>
  tell.event(
    'daemon-gone',
    { name },
    () => `the daemon has stopped; the next upgrade of ${name} starts it`,
  );

const leftAnswer = ({ name }: DevTarget, vats: readonly DevVat[]): Answer => ({
  json: { event: 'left', name, vats: vats.map(({ id }) => id) },
  text: () => `${name} goes on      end it:  ocap terminate ${name}`,
});

const overAnswer = (
  { name }: DevTarget,
  reason: string | undefined,
): Answer => ({
  json: { event: 'over', name, ...(reason !== undefined && { reason }) },
  text: () =>
    [
      `nothing of ${name} is left to upgrade`,
      ...(reason === undefined ? [] : [`  ${printable(reason)}`]),
    ].join('\n'),
  exitCode: 1,
});

/** Why it ended, as long as the daemon knows. */
const reasonOf = async (
  { callIfRunning }: Context,
  { rootKref }: DevTarget,
): Promise<string | undefined> => {
  try {
    const about = (await callIfRunning('describe', { kref: rootKref })) as
      ObjectDescription | undefined;
    return about?.state === 'live' ? undefined : about?.state;
  } catch {
    return undefined; // Nobody holds the object any more, so it was forgotten.
  }
};
