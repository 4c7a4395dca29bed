/**
 * Entry point of the process in which the attacks are played, so that what they
 * cost is not taken for what they do to others. Ends with who has started it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  startHostilePeer,
  type HostilePeer,
} from '../../../packages/nodejs/src/testing/hostile-peer.ts';
import { messageOf } from '@ocap/kernel-utils';
import { hello, type Stage, type Target } from './attack.ts';
import { attackOf } from './attacks.ts';

export type Order = Readonly<{
  /** For the answer. */
  id: number;
  attack: string;
  target: Target;
  scale: number;
}>;

type Again = 'heard' | 'refused' | 'nothing';

export type Account = Readonly<{
  id: number;
  /** Of whom it was about; absent if there was no connection. */
  peerId?: string;
  isOpen: boolean;
  /** What it was told last, if it was turned away. */
  refused?: string;
  /** The beginning of all that was heard, and of each frame. */
  heard: string;
  /** Whether it is listened to if it comes again and does as it should. */
  again?: Again;
  problem?: string;
}>;

const PATIENCE_MS = 5000;
const STEP_MS = 5;
const HEARD_CHARS = 1_000_000;
const FRAME_CHARS = 1000;

let hosts = 0;
const newHost = (): string => {
  hosts += 1;
  return `127.${1 + (hosts >> 16)}.${(hosts >> 8) & 255}.${hosts & 255}`;
};

const until: Stage['until'] = async (isSo, withinMs = PATIENCE_MS) => {
  for (const end = Date.now() + withinMs; !isSo(); await delay(STEP_MS)) {
    if (Date.now() > end) return false;
  }
  return true;
};

const play = async ({
  id,
  attack: name,
  target,
  scale,
}: Order): Promise<Account> => {
  const attack = attackOf(name);
  const peers: HostilePeer[] = [];
  const stage: Stage = {
    target,
    scale,
    newHost,
    until,
    peer: async (terms = {}) => {
      const { address } = target;
      const peer = await startHostilePeer({
        address,
        from: newHost(),
        ...terms,
      });
      peers.push(peer);
      return peer;
    },
  };
  try {
    const { peer, link, problem } = await attack.play(stage);
    const heard = link?.heard ?? [];
    const refused = heard.findLast((frame) =>
      frame.startsWith('{"type":"refused"'),
    );
    return {
      id,
      isOpen: link?.isOpen() ?? false,
      heard: heard
        .map((frame) => frame.slice(0, FRAME_CHARS))
        .join('\n')
        .slice(0, HEARD_CHARS),
      ...(peer === undefined ? {} : { peerId: peer.peerId }),
      ...(refused === undefined ? {} : { refused }),
      ...(peer === undefined || attack.ending !== 'cut'
        ? {}
        : { again: await comeAgain(peer) }),
      ...(problem === undefined ? {} : { problem }),
    };
  } finally {
    for (const peer of peers) await peer.stop();
  }
};

const comeAgain = async (peer: HostilePeer): Promise<Again> => {
  const link = await peer.open();
  await link.say(hello());
  await until(() => link.heard.length > 0);
  const [first] = link.heard;
  if (first === undefined) return 'nothing';
  return first.startsWith('{"type":"hello"') ? 'heard' : 'refused';
};

process.on('message', (order: Order) => {
  play(order).then(
    (account) => process.send?.(account),
    (error: unknown) =>
      process.send?.({
        id: order.id,
        isOpen: false,
        heard: '',
        problem: `it broke off: ${messageOf(error)}`,
      } satisfies Account),
  );
});
process.on('disconnect', () => process.exit());
