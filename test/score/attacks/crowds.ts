/** At the door: too many connections, handshakes without an end, and a borrowed face. */
import { connect, type Socket } from 'node:net';
import { hears, hello, type Attack, type Stage } from './attack.ts';

/** Until somebody who comes while the door is crowded has been let in, in ms. */
const NEWCOMER_MS = 5000;

/** Holds so many sockets open while an honest newcomer knocks. */
const crowd = (
  name: string,
  count: number,
  hostOf: (stage: Stage) => () => string,
  say: string,
): Attack => ({
  name,
  ending: 'any',
  play: async (stage) => {
    const port = Number(/\/tcp\/(\d+)/u.exec(stage.target.address)?.[1]);
    const nextHost = hostOf(stage);
    const sockets: Socket[] = [];
    for (let i = 0; i < count * stage.scale; i += 1) {
      const localAddress = nextHost();
      const socket = connect({ host: '127.0.0.1', port, localAddress });
      socket.on('error', () => undefined).resume();
      socket.write(say);
      sockets.push(socket);
    }
    const ms = await knock(stage);
    sockets.forEach((socket) => socket.destroy());
    return ms < NEWCOMER_MS
      ? {}
      : { problem: `a newcomer waited ${ms.toFixed(0)} ms` };
  },
});

/** Until a peer that does as it should has been greeted, in ms. */
const knock = async (stage: Stage): Promise<number> => {
  const begun = performance.now();
  const isLate = (): boolean => performance.now() - begun > NEWCOMER_MS;
  // It may be its bad luck, and it tries again as a daemon would.
  while (!isLate()) {
    const peer = await stage.peer();
    const link = await peer.open().catch(() => undefined);
    await link?.say(hello()).catch(() => undefined);
    if (link && (await stage.until(() => hears(link, /hello/u), 2000))) break;
  }
  return performance.now() - begun;
};

const fromOne = ({ newHost }: Stage): (() => string) => {
  const host = newHost();
  return () => host;
};
const fromMany = ({ newHost }: Stage): (() => string) => newHost;

const multistream = '\u0013/multistream/1.0.0\n';

export const crowds: readonly Attack[] = [
  crowd('opens a thousand connections from one machine', 1000, fromOne, ''),
  crowd(
    'opens a thousand connections from a thousand machines',
    1000,
    fromMany,
    '',
  ),
  crowd(
    'begins a thousand handshakes and ends none',
    1000,
    fromMany,
    `${multistream}\u0007/noise\n`,
  ),
  crowd(
    'says nonsense on a thousand connections',
    1000,
    fromMany,
    'GET / HTTP/1.1\r\n\r\n',
  ),
  {
    name: 'comes as two hundred peers at once',
    ending: 'any',
    play: async (stage) => {
      for (let i = 0; i < 200 * stage.scale; i += 1) {
        const peer = await stage.peer();
        const link = await peer.open().catch(() => undefined);
        await link?.say(hello()).catch(() => undefined);
      }
      const ms = await knock(stage);
      return ms < NEWCOMER_MS
        ? {}
        : { problem: `a newcomer waited ${ms.toFixed(0)} ms` };
    },
  },
  {
    name: 'shows the public key of another peer',
    ending: 'refused',
    play: async (stage) => {
      const { address } = stage.target.honest;
      const peer = await stage.peer({ posesAs: address });
      const link = await peer.open().catch(() => undefined);
      if (link === undefined) return {};
      await link.say(hello()).catch(() => undefined);
      await stage.until(() => link.heard.length > 0, 1000);
      return link.heard.length > 0
        ? { problem: 'it was taken for that peer' }
        : {};
    },
  },
];
