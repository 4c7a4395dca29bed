/** Kernels in one process, linked by a network of the test's own. */
import { dirname, join } from 'node:path';
import type { KRef } from '@ocap/kernel-utils';
import { peerIdOf, provideSeed } from '../identity/peer-identity.ts';
import { makeMemoryNetwork, type MemoryNetwork } from './memory-network.ts';
import { openTestKernel, type TestKernel } from './test-kernel.ts';

export type LinkedKernels = Readonly<{
  network: MemoryNetwork;
  kernels: readonly TestKernel[];
  peerIds: readonly string[];
}>;

type Limits = NonNullable<Parameters<typeof openTestKernel>[0]>['limits'];

export const openLinkedKernels = async (
  count: number,
  limits: Limits = {},
  /** Of the first kernel alone. */
  limitsOfFirst: Limits = {},
): Promise<LinkedKernels> => {
  const network = makeMemoryNetwork();
  const peerIds: string[] = [];
  const kernels: TestKernel[] = [];
  for (let i = 0; i < count; i += 1) {
    const t = await openTestKernel({
      limits: i === 0 ? { ...limits, ...limitsOfFirst } : limits,
      peers: network.transport(() => peerIds[i] ?? ''),
    });
    peerIds.push(
      peerIdOf(provideSeed(join(dirname(t.databasePath), 'identity.key'))),
    );
    await t.kernel.initRemoteComms({});
    kernels.push(t);
  }
  return { network, kernels, peerIds };
};

/** An object of one kernel, as another knows it. */
export const share = async (
  from: TestKernel,
  object: string,
  to: TestKernel,
): Promise<KRef> => {
  const { url } = await from.kernel.issueOcapURL(object);
  return to.kernel.redeemOcapURL(url);
};

type PeerStatus = NonNullable<
  ReturnType<TestKernel['kernel']['getStatus']>['remoteComms']
>['peers'][number];

/** What a kernel tells of another. */
export const statusOfPeer = (
  of: TestKernel,
  peerId: string | undefined,
): PeerStatus | undefined =>
  of.kernel
    .getStatus()
    .remoteComms?.peers.find((peer) => peer.peerId === peerId);
