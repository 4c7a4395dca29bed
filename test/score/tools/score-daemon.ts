/** A daemon of the built program in a home of its own, and what a check does to it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterConfig, KernelStatus, LaunchResult } from '@ocap/kernel';
import type { Json } from '@ocap/kernel-utils';
import { ensureDaemon, stopDaemon } from '@ocap/nodejs/client';
import { openClient, type DaemonClient } from '../../support/daemon-client.ts';
import { openHome, type Home } from '../../support/home.ts';
import { copyBuild, type BuildOptions } from './build-copy.ts';

export type DaemonOptions = BuildOptions &
  Readonly<{
    /** The path of a module that the daemon's process loads before everything else. */
    preload?: string;
    /** Environment variables for it. */
    env?: Readonly<Record<string, string>>;
    /** What is in `config.json` of its home. */
    config?: Json;
  }>;

export type SqlRow = Readonly<Record<string, string | number | null>>;

export type ScoreDaemon = Readonly<{
  home: Home;
  /** A connection, made anew after a restart. */
  client: DaemonClient;
  /** Another one; closed with the daemon at the latest. */
  openClient(): DaemonClient;
  /** The process that was started last. */
  pid(): number;
  status(): Promise<KernelStatus>;
  launch(config: ClusterConfig): Promise<LaunchResult>;
  /** Rows of one query. */
  query(sql: string): Promise<readonly SqlRow[]>;
  /** With these environment variables beside those of its options. */
  start(more?: Readonly<Record<string, string>>): Promise<void>;
  /** SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  /** As `ocap daemon stop` does it. */
  stop(): Promise<void>;
  /** Ends it and deletes all that it had. */
  close(): Promise<void>;
}>;

const START_MS = 60_000;

/** A home, a build and no daemon yet. */
export const makeScoreDaemon = async ({
  preload,
  env = {},
  config,
  ...build
}: DaemonOptions = {}): Promise<ScoreDaemon> => {
  const home = await openHome();
  if (config !== undefined) {
    await writeFile(join(home.dir, 'config.json'), JSON.stringify(config));
  }
  const folder = await mkdtemp(join(tmpdir(), 'build-'));
  const entry = await copyBuild(folder, build);
  const clients = new Set<DaemonClient>();
  let pid = 0;

  const open = (): DaemonClient => {
    const client = openClient(home);
    clients.add(client);
    return client;
  };
  const client = open();

  const start: ScoreDaemon['start'] = async (more = {}) => {
    const options = preload === undefined ? [] : [`--import=${preload}`];
    const started = await withEnv(
      { ...env, ...more, NODE_OPTIONS: options.join(' ') },
      async () => ensureDaemon({ home: home.dir, entry, timeoutMs: START_MS }),
    );
    if (started.pid === undefined) throw Error('the daemon has no pid file');
    pid = started.pid;
  };

  return {
    home,
    client,
    openClient: open,
    pid: () => pid,
    status: async () => (await client.rpc('getStatus')) as KernelStatus,
    launch: async (config) =>
      (await client.rpc('launchSubcluster', {
        config: config as unknown as Json,
      })) as LaunchResult,
    query: async (sql) =>
      (await client.rpc('executeDBQuery', { sql })) as readonly SqlRow[],
    start,
    kill: async () => home.killDaemon('SIGKILL'),
    stop: async () => {
      const { stopped, stage } = await stopDaemon({ home: home.dir });
      if (!stopped || stage !== 'rpc') {
        throw Error(`the daemon did not stop when it was asked to (${stage})`);
      }
    },
    close: async () => {
      for (const each of clients) each.close();
      await home.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

let starting: Promise<unknown> = Promise.resolve();

/** Starts are spawned from this process, with its environment: so one at a time. */
const withEnv = async <Value>(
  env: Readonly<Record<string, string>>,
  use: () => Promise<Value>,
): Promise<Value> => {
  const started = starting.then(async () => {
    const before = { ...process.env };
    Object.assign(process.env, env);
    try {
      return await use();
    } finally {
      process.env = before;
    }
  });
  starting = started.catch(() => undefined);
  return started;
};
