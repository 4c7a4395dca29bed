/** How a kernel comes to be reachable by others, over real sockets. */
import './daemon/lockdown.ts';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { OcapError } from '@ocap/kernel-utils';
import { expect, it, onTestFinished } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';

const anywhere = { listen: ['/ip4/127.0.0.1/tcp/0'] };

/** A port of this machine at which somebody else listens. */
const takenPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
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
  const taken = { listen: [`/ip4/127.0.0.1/tcp/${await takenPort()}`] };
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
