/**
 * Two daemons that reach each other only through a relay: one shares the bank,
 * the other redeems and pays, and one is killed in the middle.
 */
import type { Home } from '../../test/support/home.ts';
import { makeShell, title, WrongOutput } from './shell.ts';

type Homes = Readonly<Record<'laptop' | 'server' | 'relay', Home>>;

export const machines = async (homes: Homes): Promise<void> => {
  const laptop = makeShell(homes.laptop, 'laptop$');
  const server = makeShell(homes.server, 'server$');
  const relay = makeShell(homes.relay, 'relay$');

  title('Two machines that cannot reach each other, and a relay.');
  for (const [name, { dir }] of Object.entries(homes)) {
    console.log(`${name}$ export OCAP_HOME=${dir}`);
  }
  const at = addressOf(
    await relay.ocap(
      ...['relay', 'start', '--host', '127.0.0.1'],
      ...['--tcp-port', 0, '--ws-port', 0],
    ),
  );
  await laptop.ocap('daemon', 'start', '--relay', at);
  await laptop.ocap('launch', 'examples/bank');
  await laptop.ocap('call', 'bank', 'openPurse', 'alice', '--as', 'alice');
  await laptop.call(100, 'bank', 'deposit', '@alice', 100);

  title('The laptop shares the bank: whoever has the URL can call it.');
  const url = urlOf(await laptop.ocap('share', 'bank'));
  await server.ocap('daemon', 'start', '--relay', at);
  await server.ocap('redeem', url, '--as', 'bank');
  await server.ocap('call', 'bank', 'openPurse', 'bob', '--as', 'bob');
  await server.call(0, 'bank', 'balance', '@bob');

  title('A purse of the server is paid from the laptop; then the laptop dies.');
  const purse = urlOf(await server.ocap('share', 'bob'));
  await laptop.ocap('redeem', purse, '--as', 'bob');
  await laptop.call(70, 'bank', 'transfer', '@alice', '@bob', 30, 'rent');
  await laptop.killDaemon();
  await laptop.call(30, 'bank', 'balance', '@bob');
  await server.call(30, 'bank', 'balance', '@bob');
  await server.call(1, 'bank', 'applied', 'rent');

  for (const shell of [laptop, server]) {
    await shell.ocap('daemon', 'stop');
  }
  await relay.ocap('relay', 'stop');
};

const addressOf = (started: unknown): string => {
  const [address] = (started as { addresses?: string[] }).addresses ?? [];
  if (address === undefined) {
    throw new WrongOutput('the relay must tell its addresses');
  }
  return address;
};

const urlOf = (shared: unknown): string => {
  const { url } = shared as { url?: string };
  if (url?.startsWith('ocap:') !== true) {
    throw new WrongOutput('a URL must be shared');
  }
  return url;
};
