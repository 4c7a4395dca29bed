/**
 * Entry point of the process of the slow peers, so that what they cost is not
 * taken for what they do to others. Whoever of them is turned away comes again.
 * Tells its parent now and then what they have done; ends with it.
 */
import { connect, type Socket } from 'node:net';
import { requestOf } from './wire.ts';

export type Crowd = Readonly<{
  socketPath: string;
  /** Peers that send a byte a second of a line that has no end. */
  dribblers: number;
  /** Peers that ask for much and never read. */
  deaf: number;
  /** Peers that ask and are gone before they are answered. */
  resets: number;
  /** In which those of the last kind come, evenly. */
  resetsMs: number;
}>;

/** What they have done so far. */
export type Account = {
  connected: number;
  /** Bytes of lines without end. */
  dribbled: number;
  /** Requests of peers that do not read. */
  asked: number;
  resets: number;
  /** Connections that the daemon has ended or refused. */
  turnedAway: number;
};

const BYTE_MS = 1000;
/** Before who was turned away comes again. */
const AGAIN_MS = 3000;
/** In which all of them come for the first time. */
const ARRIVAL_MS = 2000;
const ACCOUNT_MS = 200;
const PRIME = 611_953;
/** More than the system keeps for who does not read, and less. */
const large = requestOf(1, 'executeDBQuery', {
  sql: 'SELECT hex(zeroblob(125000)) AS text',
});
/** An answer like that keeps the daemon busy for some ms, which is not what is tried here. */
const LARGE_EVERY = 5;
const small = requestOf(2, 'rpc.discover');

const account: Account = {
  connected: 0,
  dribbled: 0,
  asked: 0,
  resets: 0,
  turnedAway: 0,
};

/** Comes, and comes again each time that its connection was ended. */
const keepComing = (path: string, begin: (socket: Socket) => void): void => {
  const socket = connect(path);
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    account.connected += 1;
    begin(socket);
  });
  socket.once('close', () => {
    account.turnedAway += 1;
    setTimeout(() => keepComing(path, begin), AGAIN_MS);
  });
};

const dribble = (socket: Socket): void => {
  // It would else not be heard that the connection has ended.
  socket.resume();
  const first = '{"jsonrpc":"2.0","id":1,"method":"ping","params":["';
  let at = 0;
  const timer = setInterval(() => {
    socket.write(first[at] ?? 'x');
    at += 1;
    account.dribbled += 1;
  }, BYTE_MS);
  socket.once('close', () => clearInterval(timer));
};

const neverRead =
  (question: string) =>
  (socket: Socket): void => {
    socket.pause();
    socket.write(`${question}\n`);
    account.asked += 1;
    // Who does not read does not notice an end, but who writes does.
    const timer = setInterval(() => socket.write('{'), BYTE_MS);
    socket.once('close', () => clearInterval(timer));
  };

/** Asks, and is gone before it is answered; tries again where it could not even come. */
const reset = (path: string): void => {
  const socket = connect(path);
  let isDone = false;
  socket.pause();
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    socket.write(`${requestOf(1, 'getStatus')}\n{"half`, () => {
      isDone = true;
      account.resets += 1;
      socket.destroy();
    });
  });
  socket.once('close', () => {
    if (!isDone) setTimeout(() => reset(path), AGAIN_MS / 10);
  });
};

const begin = (crowd: Crowd): void => {
  const { socketPath, dribblers, deaf, resets, resetsMs } = crowd;
  const kinds = [
    ...Array.from({ length: dribblers }, () => dribble),
    ...Array.from({ length: deaf }, (_, peer) =>
      neverRead(peer % LARGE_EVERY === 0 ? large : small),
    ),
  ];
  // Of each kind some at any time: in an order that has nothing to do with the kinds.
  for (const [peer, kind] of kinds.entries()) {
    const place = (peer * PRIME) % kinds.length;
    const comesMs = (place * ARRIVAL_MS) / kinds.length;
    setTimeout(() => keepComing(socketPath, kind), comesMs);
  }
  for (let peer = 0; peer < resets; peer += 1) {
    setTimeout(() => reset(socketPath), (peer * resetsMs) / resets);
  }
  setInterval(() => process.send?.(account), ACCOUNT_MS);
};

process.once('message', begin);
process.once('disconnect', () => process.exit());
