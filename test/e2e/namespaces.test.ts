/** Daemons in networks of their own, which reach each other only where there is a wire. */
import { expect, it, vi } from 'vitest';
import { openMachine, type Machine } from '../support/machine.ts';
import {
  namespacesProblem,
  openNamespace,
  type Namespace,
} from '../support/network-namespaces.ts';

const clerk = `
  return makeDefaultExo('Clerk', {
    hello: (name) => 'hello ' + name,
    greet: (other, name) => E(other).hello(name),
  });`;

const openClerk = async (
  { within }: Namespace,
  host: string,
): Promise<Machine> => {
  const machine = await openMachine(undefined, { host, within });
  await machine.launch('clerk', clerk);
  return machine;
};

const problem = await namespacesProblem();

it('two daemons at the ends of a wire call each other', async ({ skip }) => {
  skip(problem !== undefined, problem);
  const [here, there] = [await openNamespace(), await openNamespace()];
  await here.wire(there, '10.77.1.1', '10.77.1.2');
  const a = await openClerk(here, '10.77.1.1');
  const b = await openClerk(there, '10.77.1.2');
  await a.listen();
  await b.listen();
  const { url } = await a.share('clerk');
  expect(url).toContain('/ip4/10.77.1.1/tcp/');
  await b.redeem(url, 'theirs');
  expect(await b.call('theirs', 'hello', 'b')).toBe('hello b');
  // A calls back what it is passed.
  expect(await b.call('theirs', 'greet', '@clerk', 'back')).toBe('hello back');
  expect((await b.comms())?.peers).toMatchObject([
    { state: 'connected', relayed: false },
  ]);
});

it('two daemons without a wire between them call each other through a relay', async ({
  skip,
}) => {
  skip(problem !== undefined, problem);
  const middle = await openNamespace();
  const [here, there] = [await openNamespace(), await openNamespace()];
  await middle.wire(here, '10.77.1.1', '10.77.1.2');
  await middle.wire(there, '10.77.2.1', '10.77.2.2');
  const relay = await openMachine(undefined, {
    host: '0.0.0.0',
    within: middle.within,
  });
  const addresses = await relay.startRelay();
  const machines = [
    await openClerk(here, '10.77.1.2'),
    await openClerk(there, '10.77.2.2'),
  ] as const;
  for (const [at, machine] of machines.entries()) {
    // It listens, too, but where the other does not get.
    await machine.listen();
    const network = `/ip4/10.77.${at + 1}.1/tcp/`;
    const address = addresses.find(
      (each) => each.startsWith(network) && !each.includes('/ws/'),
    );
    await machine.json(['daemon', 'start', '--relay', address ?? '']);
    await vi.waitFor(
      async () =>
        expect((await machine.comms())?.addresses.join(' ')).toContain(
          '/p2p-circuit',
        ),
      { timeout: 30_000 },
    );
  }
  const [a, b] = machines;
  await b.redeem((await a.share('clerk')).url, 'theirs');
  expect(await b.call('theirs', 'hello', 'b')).toBe('hello b');
  expect(await b.call('theirs', 'greet', '@clerk', 'back')).toBe('hello back');
  expect((await a.comms())?.peers).toMatchObject([
    { state: 'connected', relayed: true },
  ]);
});
