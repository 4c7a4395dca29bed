/** What is allowed once, without end: it may cost the one who does it, and nobody else. */
import { limits } from '@ocap/kernel-utils';
import {
  data,
  given,
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

/** So many times on one link, as fast as it goes. */
const endless = (
  name: string,
  times: number,
  ending: Attack['ending'],
  frameAt: (i: number) => string,
): Attack => ({
  name,
  ending,
  play: async (stage) => {
    const peer = await stage.peer();
    const link = await peer.open();
    for (let i = 0; i <= times * stage.scale && link.isOpen(); i += 1) {
      await link.say(frameAt(i)).catch(() => undefined);
    }
    await stage.until(() => !link.isOpen(), 1000);
    return { peer, link };
  },
});

/** Nearly as many as a frame may have. */
const NAMES = 5900;

/** Promises of its own, which it will never settle: the next so many, in two messages. */
const leave = (i: number, count = NAMES): readonly unknown[] => [
  leaveInOne(2 * i, count / 2),
  leaveInOne(2 * i + 1, count / 2),
];

const leaveInOne = (i: number, count: number): unknown =>
  send(
    'o-0',
    'redeem',
    ['x'],
    null,
    Array.from({ length: count }, (_, k) => `p+${i * count + k}`),
  );

/** It was given an object, in the first frame on either side, and has its link still. */
const begin = async (stage: Stage): Promise<Played> =>
  says('', given, 'heard', /"slots":\["o\+1"\]/u).play(stage);

/** So many frames with so many promises each, by a peer that was given an object. */
const leaveAsGiven = async (
  stage: Stage,
  frames: number,
  count: number,
): Promise<Played> => {
  const played = await begin(stage);
  for (let i = 1; i <= frames && played.link?.isOpen(); i += 1) {
    await played.link
      .say(data(leave(i, count), { seq: i + 1 }))
      .catch(() => undefined);
  }
  return played;
};

const ANSWERS = 200;
const ANSWER_CHARS = 1_000_000;

/** Asks for one answer after the other, and acknowledges what it hears; what it does not, it never says it is done with. */
const keepAnswers = async (stage: Stage): Promise<Played> => {
  const played = await begin(stage);
  const { link } = played;
  if (link === undefined) return played;
  const length = Math.floor(ANSWER_CHARS * stage.scale);
  // With the one in which it was given the object.
  let received = 1;
  for (let i = 2; i <= ANSWERS && link.isOpen(); i += 1) {
    const before = link.heard.length;
    const asked = send('o-1', 'repeat', [length], `p+${i}`);
    await link.say(data([asked], { seq: i }));
    const answers = (): number =>
      link.heard
        .slice(before)
        .filter((frame) => frame.startsWith('{"type":"data"')).length;
    if (!(await stage.until(() => answers() > 0))) {
      return { ...played, problem: `it never heard answer ${i}` };
    }
    received += answers();
    await link.say(JSON.stringify({ type: 'ack', received }));
  }
  return played;
};

const PARKED_FRAMES = 120;

/** Has the object wait for a promise that it will never settle, and sends to the result. */
const sendToUnsettled = async (stage: Stage): Promise<Played> => {
  const played = await begin(stage);
  const { link } = played;
  if (link === undefined) return played;
  await link.say(
    data([send('o-1', 'wait', ['&0'], 'p+2', ['p+3'])], { seq: 2 }),
  );
  const frames = Math.ceil(PARKED_FRAMES * stage.scale);
  const some = Array.from({ length: 1000 }, () => send('p+2', 'ping'));
  for (let i = 1; i <= frames && link.isOpen(); i += 1) {
    await link.say(data(some, { seq: 2 + i }));
  }
  await link.say(data([send('p+2', 'ping', [], 'p+4')], { seq: 3 + frames }));
  await stage.until(() => hears(link, /"p-4"/u), 60_000);
  return played;
};

export const endlessAttacks: readonly Attack[] = [
  endless('introduces itself 20,000 times', 20_000, 'any', () => hello()),
  endless('introduces itself as 5,000 others', 5000, 'any', (i) =>
    hello({ session: `s${i}` }),
  ),
  endless('calls the gate 20,000 times and hears no answer', 200, 'any', (i) =>
    i === 0
      ? hello()
      : data(
          Array.from({ length: 100 }, (_, k) =>
            send('o-0', 'redeem', ['x'], `p+${i * 100 + k}`),
          ),
          { seq: i },
        ),
  ),
  endless('leaves 160,000 promises behind', 28, 'any', (i) =>
    i === 0 ? hello() : data(leave(i), { seq: i }),
  ),
  {
    name: 'was given an object, and leaves 40,000 promises behind',
    ending: 'any',
    play: async (stage) => {
      const { peer, link } = await leaveAsGiven(stage, 7 * stage.scale, NAMES);
      await stage.until(() => link?.isOpen() === false, 1000);
      return { ...(peer && { peer }), ...(link && { link }) };
    },
  },
  {
    // What it had left is forgotten in parts, and it is put off meanwhile.
    name: 'was given an object, leaves 200,000 promises behind, and begins anew',
    ending: 'dropped',
    told: /still being forgotten/u,
    play: async (stage) => {
      const frames = Math.floor(200 * stage.scale);
      const { peer, link } = await leaveAsGiven(stage, frames, 1000);
      const last = 1 + frames;
      const taken = RegExp(`"received":${last}\\b`, 'u');
      const isTaken = async () =>
        stage.until(() => link !== undefined && hears(link, taken), 60_000);
      if (link === undefined || !(await isTaken())) {
        return { ...(peer && { peer }), problem: 'what it left was not taken' };
      }
      await link.say(hello({ session: 'anew' }));
      await stage.until(() => !link.isOpen());
      return { ...(peer && { peer }), link };
    },
  },
  {
    name: `asks for ${ANSWERS} answers of 1 MB, and forgets none`,
    ending: 'heard',
    told: /remoteAnswerBytes was reached/u,
    play: keepAnswers,
  },
  {
    name: `sends ${PARKED_FRAMES},000 messages to a promise that is never settled`,
    ending: 'heard',
    told: /remoteParkedMessages was reached/u,
    play: sendToUnsettled,
  },
  {
    name: 'opens 300 links',
    ending: 'any',
    play: async (stage) => {
      const peer = await stage.peer();
      for (let i = 0; i < 300 * stage.scale; i += 1) {
        const link = await peer.open().catch(() => undefined);
        if (link === undefined) break;
        await link.say(hello()).catch(() => undefined);
      }
      return { peer };
    },
  },
  {
    name: 'begins six large frames, as six peers, and ends none',
    ending: 'any',
    play: async (stage) => {
      const size = Math.floor((FRAME_BYTES - 1) * stage.scale);
      const part = Buffer.concat([header(FRAME_BYTES), Buffer.alloc(size)]);
      for (let i = 0; i < 6; i += 1) {
        const link = await (await stage.peer()).open();
        await link.say(hello());
        await link.sayBytes(part).catch(() => undefined);
      }
      return {};
    },
  },
];
