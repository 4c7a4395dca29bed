/** How a kernel comes to be reachable by others, over real sockets. */
import './daemon/lockdown.ts';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { OcapError } from '@ocap/kernel-utils';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';

const anywhere = { listen: ['/ip4/127.0.0.1/tcp/0'] };

/** Somebody else listens at a port of this machine, any if it is 0. */
const take = async (port = 0) => {
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    leave: async () => {
      server.close();
      await once(server, 'close');
    },
  };
};

const addressesOf = ({ kernel }: TestKernel): unknown =>
  kernel.getStatus().remoteComms?.addresses;

it('answers all who want it to listen at once, and listens as the last of them said', async () => {
  const t = await openTestKernel();
  const many = await Promise.all(
    Array.from({ length: 5 }, async () => t.kernel.initRemoteComms(anywhere)),
  );
  for (const { addresses } of many) {
    expect(addresses).toHaveLength(1);
  }
  expect(addressesOf(t)).toStrictEqual(many.at(-1)?.addresses);
});

it('answers who wants it to listen although another, at the same time, wants what it cannot', async () => {
  const t = await openTestKernel();
  const taken = { listen: [`/ip4/127.0.0.1/tcp/${(await take()).port}`] };
  const asked = [anywhere, taken, anywhere, taken].map(async (options) =>
    t.kernel.initRemoteComms(options),
  );
  const told = asked.map(async (call) =>
    call.then(
      ({ addresses }) => addresses.length,
      (error: unknown) => (error instanceof OcapError ? error.code : error),
    ),
  );
  const refusal = 'REMOTE_COMMS_FAILED';
  expect(await Promise.all(told)).toStrictEqual([1, refusal, 1, refusal]);
  // As the last that could be had.
  expect(addressesOf(t)).toHaveLength(1);
});

it('listens as before a restart once it can, and until then talks to nobody', async () => {
  const [t, other] = [await openTestKernel(), await openTestKernel()];
  await other.kernel.initRemoteComms(anywhere);
  const root = await other.launch(
    "return makeDefaultExo('Root', { hi: () => 'hi' });",
  );
  const { url } = await other.kernel.issueOcapURL(root);
  const { addresses } = await t.kernel.initRemoteComms(anywhere);
  await t.kernel.initRemoteComms({ listen: addresses });
  await t.kernel.stop();
  const taken = await take(Number(addresses[0]?.split('/').at(-1)));

  await t.reopen();
  await vi.waitFor(() =>
    expect(t.kernel.getStatus().remoteComms).toMatchObject({
      addresses: [],
      problem: expect.stringContaining(addresses[0] ?? 'no address'),
    }),
  );
  await expect(t.kernel.redeemOcapURL(url)).rejects.toMatchObject({
    code: 'REMOTE_COMMS_FAILED',
  });
  await taken.leave();
  expect(await t.call(await t.kernel.redeemOcapURL(url), 'hi')).toBe('hi');
  expect(addressesOf(t)).toStrictEqual(addresses);
  expect(t.kernel.getStatus().remoteComms).not.toHaveProperty('problem');
});
