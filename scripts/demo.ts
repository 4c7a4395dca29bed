/**
 * `npm run demo`: the examples, end to end, through the real `ocap` in a home
 * of its own. Every command is printed before its output, so that it can be
 * repeated by hand. Ends with an error if an output is not what it must be,
 * and leaves nothing behind, however it ends.
 */
import { isDeepStrictEqual } from 'node:util';
import { openHome, type Home } from '../test/support/home.ts';
import { machines } from './demo/machines.ts';
import { makeShell, title, WrongOutput, type Shell } from './demo/shell.ts';

const counter = async ({ ocap, call, killDaemon }: Shell): Promise<void> => {
  title('A counter. Its count is in its baggage, so it outlives its process.');
  await ocap('launch', 'examples/counter');
  await call(1, 'counter', 'increment');
  await call(6, 'counter', 'increment', 5);
  await killDaemon();
  await call(7, 'counter', 'increment');
};

const greeter = async ({ ocap, call }: Shell): Promise<void> => {
  title('A greeter and a guest. The guest can reach only whom it was given.');
  await ocap('launch', 'examples/greeter');
  await call('Hello, Ada!', 'greeter', 'hello', 'Ada');
  await call('the guest heard "Hello, Ada!"', 'greeter', 'sendGuest', 'Ada');
};

const purses = async ({ ocap, call, refused }: Shell): Promise<void> => {
  title('A bank: purses are objects, and holding one is the right to use it.');
  await ocap('launch', 'examples/bank');
  await ocap('call', 'bank', 'help');
  await ocap('call', 'bank', 'openPurse', 'alice', '--as', 'alice');
  await ocap('call', 'bank', 'openPurse', 'bob', '--as', 'bob');
  await call(100, 'bank', 'deposit', '@alice', 100);
  await call(70, 'bank', 'transfer', '@alice', '@bob', 30, 'rent');
  await refused('alice has 70 coins', 'bank', 'transfer', '@alice', '@bob', 71);
  await call(100, 'bank', 'total');
};

const trade = async ({ ocap, call, killDaemon }: Shell): Promise<void> => {
  title('Alice gives 20 coins for 10 silver. Both trust only the escrow.');
  for (const name of ['alice', 'bob']) {
    const purse = `${name}-silver`;
    await ocap('call', 'bank', 'openPurse', name, 'silver', '--as', purse);
  }
  await call(50, 'bank', 'deposit', '@bob-silver', 50);
  await ocap(
    ...['call', 'bank', 'trade', '@alice', 20, '@alice-silver', 10],
    ...['--as', 'ticket'],
  );
  await ocap('call', 'ticket', 'invitation', '--as', 'invitation');
  await call(
    {
      pays: { currency: 'silver', amount: 10 },
      gets: { currency: 'coins', amount: 20 },
    },
    ...['bank', 'accept', '@invitation', '@bob-silver', '@bob'],
  );
  await call('open', 'bank', 'pay', '@ticket', '@alice');

  title('Alice has paid, Bob has not. Now the daemon dies.');
  await killDaemon();
  await call('settled', 'bank', 'pay', '@invitation', '@bob-silver');

  title('Nothing is lost, nothing is doubled.');
  await call(50, 'bank', 'balance', '@alice');
  await call(10, 'bank', 'balance', '@alice-silver');
  await call(50, 'bank', 'balance', '@bob');
  await call(40, 'bank', 'balance', '@bob-silver');
  await call(100, 'bank', 'total');
  await call(50, 'bank', 'total', 'silver');
  await call(1, 'bank', 'applied', 'rent');
};

const chat = async ({ ocap, call }: Shell): Promise<void> => {
  title('A chat room. A member is the right to speak under one name.');
  await ocap('launch', 'examples/chat');
  await ocap('call', 'chat', 'join', 'ann', '--as', 'ann');
  await call(1, 'ann', 'say', 'hello, all');
  await call({ n: 1, from: 'ann', text: 'hello, all' }, 'chat', 'next', 0);
  await call(['ann'], 'chat', 'who');
};

const tidy = async ({ ocap }: Shell): Promise<void> => {
  title('What runs, and whether the books of the kernel are right.');
  await ocap('names');
  const audit = await ocap('daemon', 'audit');
  if (!isDeepStrictEqual(audit, { ok: true, problems: [] })) {
    throw new WrongOutput('the audit must find no problem');
  }
  await ocap('daemon', 'stop');
};

const homes: Home[] = [];
const open = async (): Promise<Home> => {
  const home = await openHome();
  homes.push(home);
  return home;
};
const closeAll = async (): Promise<void> => {
  for (const home of homes) {
    await home.ocap(['relay', 'stop']);
    await home.close();
  }
};
const leave = async (exitCode: number): Promise<never> => {
  await closeAll();
  process.exit(exitCode);
};
process.once('SIGINT', () => void leave(130));
process.once('SIGTERM', () => void leave(143));

try {
  const home = await open();
  console.log(`$ export OCAP_HOME=${home.dir}`);
  const shell = makeShell(home);
  for (const part of [counter, greeter, purses, trade, chat, tidy]) {
    await part(shell);
  }
  await machines({
    laptop: await open(),
    server: await open(),
    relay: await open(),
  });
  console.log('\nThat was all of it. The homes of this demo are gone again.');
} catch (error) {
  if (!(error instanceof WrongOutput)) throw error;
  console.error(`✗ the demo stopped here: ${error.message}`);
  process.exitCode = 1;
} finally {
  await closeAll();
}
