/** Frames that are large, or pretend to be, or are small and cost much. */
import { limits } from '@ocap/kernel-utils';
import {
  body,
  data,
  header,
  hears,
  hello,
  says,
  send,
  type Attack,
  type Played,
  type Stage,
} from './attack.ts';

const FRAME_BYTES = limits.remoteFrameBytes.value;
/** For a daemon that is kept busy by one. */
const PATIENCE_MS = 20_000;

/** A frame made to measure, and how it ends. */
const large = (
  name: string,
  ending: Attack['ending'],
  told: RegExp | undefined,
  frameOf: (bytes: number) => string,
  first = [hello()],
): Attack => ({
  name,
  ending,
  ...(told === undefined ? {} : { told }),
  play: async (stage) => {
    const frame = frameOf(Math.floor(FRAME_BYTES * stage.scale));
    const { play } = says(name, [...first, frame], ending, told, {
      patienceMs: PATIENCE_MS,
    });
    return play(stage);
  },
});

const listOf = (item: string, bytes: number): string => {
  const count = Math.floor((bytes - 2) / (item.length + 1));
  return `[${Array<string>(count).fill(item).join()}]`;
};

const frameOf = (ops: string): string =>
  `{"type":"data","seq":1,"seen":0,"ops":${ops}}`;

const op = JSON.stringify(send('o-0'));

export const largeFrames: readonly Attack[] = [
  {
    name: 'sends a frame of as many bytes as a frame may have',
    ending: 'heard',
    told: /"hello"/u,
    play: async (stage) => {
      const peer = await stage.peer();
      const link = await peer.open();
      await link.say(hello());
      const start = '{"type":"ack","received":0,"x":"';
      await link.say(`${start.padEnd(FRAME_BYTES - 2, 'x')}"}`);
      await link.say(data([]));
      await stage.until(() => hears(link, /"ack","received":1/u));
      return {
        peer,
        link,
        ...(hears(link, /"ack"/u) ? {} : { problem: 'it was not taken' }),
      };
    },
  },
  {
    name: 'sends a frame of one byte more',
    ending: 'dropped',
    told: /a frame of \d+ bytes, of at most/u,
    play: async (stage) => playBytes(stage, header(FRAME_BYTES + 1)),
  },
  {
    name: 'announces a frame of 4 GiB',
    ending: 'dropped',
    told: /a frame of \d+ bytes, of at most/u,
    play: async (stage) => playBytes(stage, header(2 ** 32 - 1)),
  },
  {
    name: 'sends a frame that is not UTF-8',
    ending: 'dropped',
    told: /not UTF-8/u,
    play: async (stage) =>
      playBytes(
        stage,
        Buffer.concat([header(4), Buffer.from('ffc0fe80', 'hex')]),
      ),
  },
  large(
    'sends nothing but opening brackets',
    'turned away',
    /not JSON|malformed/u,
    (bytes) => '['.repeat(bytes),
    [],
  ),
  large(
    'sends brackets in brackets',
    'turned away',
    /not JSON|malformed/u,
    (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
    [],
  ),
  large(
    'sends a list of empty objects',
    'turned away',
    /malformed/u,
    (bytes) => listOf('{}', bytes),
    [],
  ),
  large(
    'says a number of 8 million digits to the gate',
    'heard',
    /"p-1",true/u,
    (bytes) =>
      frameOf(
        JSON.stringify([
          [
            'send',
            'o-0',
            body(`#["redeem",["+${'9'.repeat(bytes / 4 - 100)}"]]`),
            'p+1',
          ],
        ]),
      ),
  ),
  large(
    'says brackets in brackets to the gate',
    'heard',
    /"p-1",true/u,
    (bytes) =>
      frameOf(
        JSON.stringify([
          [
            'send',
            'o-0',
            body(`#${'['.repeat(bytes / 300)}${']'.repeat(bytes / 300)}`),
            'p+1',
          ],
        ]),
      ),
  ),
  large('sends as many ops as fit into a frame', 'any', undefined, (bytes) =>
    frameOf(listOf(op, bytes - 100)),
  ),
  large(
    'passes as many references as fit into a frame',
    'any',
    undefined,
    passesMany,
  ),
];

function passesMany(bytes: number): string {
  const ops: unknown[] = [];
  let chars = 0;
  for (let next = 5; chars < bytes - 200_000;) {
    const slots = Array.from({ length: 10_000 }, () => `o+${(next += 1)}`);
    ops.push(send('o-0', 'redeem', ['x'], null, slots));
    chars += JSON.stringify(ops.at(-1)).length + 1;
  }
  return frameOf(JSON.stringify(ops));
}

/** After it has introduced itself. */
const playBytes = async (stage: Stage, bytes: Uint8Array): Promise<Played> => {
  const peer = await stage.peer();
  const link = await peer.open();
  await link.say(hello());
  await stage.until(() => hears(link, /hello/u));
  await link.sayBytes(bytes);
  await stage.until(() => !link.isOpen());
  return { peer, link };
};
