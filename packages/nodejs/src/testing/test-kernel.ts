/**
 * A real kernel for a test: its own database file, real vat hosts, everything
 * ended and deleted after the test, and a clean audit demanded at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ClusterConfig,
  Kernel,
  PeerTransport,
  Service,
} from '@ocap/kernel';
import type { CapData, KRef, LimitValues, Logger } from '@ocap/kernel-utils';
import { decodedToJson, decodeSmallcaps } from '@ocap/kernel-utils';
import { expect, onTestFinished } from 'vitest';
import { makeKernel } from '../make-kernel.ts';
import { vatSource } from './vat-source.ts';

type Options = Readonly<{
  limits?: Partial<LimitValues>;
  systemSubclusters?: Readonly<Record<string, ClusterConfig>>;
  services?: Readonly<Record<string, Service>>;
  peers?: PeerTransport;
  onFatal?: (error: unknown) => void;
}>;

export type TestKernel = {
  kernel: Kernel;
  readonly databasePath: string;
  /** Lines that were logged, with their fields. */
  readonly logged: { level: string; message: string; fields: unknown }[];
  /** Stops the kernel and starts another over the same database. */
  reopen(options?: Options): Promise<void>;
  /** Launches one vat made of this body; returns its root. */
  launch(body: string): Promise<KRef>;
  /** Calls a method and decodes what it answered. */
  call(target: string, method: string, ...args: unknown[]): Promise<unknown>;
};

export const openTestKernel = async (
  options: Options = {},
): Promise<TestKernel> => {
  const folder = mkdtempSync(join(tmpdir(), 'ocap-kernel-'));
  const databasePath = join(folder, 'kernel.sqlite');
  const logged: TestKernel['logged'] = [];
  const logger = makeRecorder(logged);
  const open = async (opened: Options): Promise<Kernel> => {
    // Most kernels of tests end before they would need another process.
    const keepSpareHost = false;
    return (
      await makeKernel({ databasePath, logger, keepSpareHost, ...opened })
    ).kernel;
  };

  const self: TestKernel = {
    kernel: await open(options),
    databasePath,
    logged,
    reopen: async (others = options) => {
      await self.kernel.stop();
      self.kernel = await open(others);
    },
    launch: async (body) => {
      const { rootKref } = await self.kernel.launchSubcluster({
        bootstrap: 'main',
        vats: { main: { bundleSpec: vatSource(body) } },
      });
      return rootKref;
    },
    call: async (target, method, ...args) =>
      decode(await self.kernel.queueMessage(target, method, args as never)),
  };
  onTestFinished(async () => {
    const { problems } = self.kernel.audit();
    await self.kernel.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(problems).toStrictEqual([]);
  });
  return self;
};

export const decode = (data: CapData): unknown =>
  decodedToJson(decodeSmallcaps(data));

const makeRecorder = (logged: TestKernel['logged']): Logger => {
  const report =
    (level: string) =>
    (message: string, fields?: unknown): void => {
      logged.push({ level, message, fields });
    };
  return {
    debug: report('debug'),
    info: report('info'),
    warn: report('warn'),
    error: report('error'),
  };
};
