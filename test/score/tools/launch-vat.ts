/** One vat in a subcluster of its own, written in place. */
import type { VatConfig } from '@ocap/kernel';
import type { CapData } from '@ocap/kernel-utils';
import {
  bundleOf,
  vatSource,
} from '../../../packages/nodejs/src/testing/vat-source.ts';
import type { ScoreDaemon } from './score-daemon.ts';

export type LaunchedVat = Readonly<{
  id: string;
  root: string;
  bootstrapResult?: CapData;
}>;

type Options = Omit<VatConfig, 'bundleSpec' | 'sourceSpec' | 'bundleName'>;

/** `body` is the inside of its `buildRootObject`. By default it has a process of its own. */
export const launchVat = async (
  daemon: ScoreDaemon,
  body: string,
  options: Options = {},
): Promise<LaunchedVat> => launchBundle(daemon, vatSource(body), options);

/** A vat whose host is in the hands of whoever calls `play`: see `compromised-host.ts`. */
export const launchCompromisedVat = async (
  daemon: ScoreDaemon,
  options: Options = {},
): Promise<LaunchedVat> =>
  launchBundle(daemon, bundleOf('"compromised"'), options);

const launchBundle = async (
  { launch }: ScoreDaemon,
  bundleSpec: string,
  options: Options,
): Promise<LaunchedVat> => {
  const { rootKref, vats, bootstrapResult } = await launch({
    bootstrap: 'main',
    vats: { main: { placement: 'own', ...options, bundleSpec } },
  });
  return {
    id: String(vats['main']),
    root: rootKref,
    ...(bootstrapResult === undefined ? {} : { bootstrapResult }),
  };
};
