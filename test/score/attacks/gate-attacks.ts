/** At the gate, with and without a token, and what can be done to the object behind one. */
import { randomBytes } from 'node:crypto';
import {
  body,
  data,
  given,
  hears,
  hello,
  says,
  send,
  type Attack,
  type Stage,
} from './attack.ts';

/** More than are answered in a minute. */
const GUESSES = 3000;
const GUESSES_OF_ONE_FRAME = 100;

const redeem = (token: unknown): readonly string[] => [
  hello(),
  data([send('o-0', 'redeem', [token], 'p+1')]),
];

const tokens: readonly Attack[] = [
  says('has a token', given, 'heard', /"slots":\["o\+1"\]/u),
  says(
    'has a token for somebody else',
    redeem('$TOKEN_OF_ANOTHER'),
    'heard',
    /"p-1",true.*for another peer/u,
  ),
  ...[
    '',
    '0'.repeat(64),
    '__proto__',
    'u1',
    '%',
    '$0',
    null,
    [],
    { '#tag': 'x' },
  ].map((token) =>
    says(
      `has the token ${JSON.stringify(token)}`,
      redeem(token),
      'heard',
      /"p-1",true/u,
    ),
  ),
  ...['constructor', '__proto__', 'toString', 'then', 'issue', 'revoke'].map(
    (method) =>
      says(
        `calls ${method} of the gate`,
        [hello(), data([send('o-0', method, [], 'p+1')])],
        'heard',
        /"p-1",true/u,
      ),
  ),
];

/** Every one of its 64 digits with another bit wrong. */
const flippedTokens: Attack = {
  name: 'has a token with one bit flipped, whichever bit',
  ending: 'heard',
  told: /"p-1",true/u,
  play: async ({ peer: start, target: { token }, until }) => {
    const peer = await start();
    const link = await peer.open();
    const flipped = Array.from({ length: 256 }, (_, bit) => {
      const digits = BigInt(`0x${token}`) ^ (1n << BigInt(bit));
      return digits.toString(16).padStart(64, '0');
    });
    await link.say(hello());
    const ops = flipped.map((one, i) =>
      send('o-0', 'redeem', [one], `p+${i + 1}`),
    );
    await link.say(data(ops.slice(0, 128)));
    await link.say(data(ops.slice(128), { seq: 2 }));
    await until(() => hears(link, /"p-256"/u));
    const given = link.heard.some((frame) => /"p-\d+",false/u.test(frame));
    return {
      peer,
      link,
      ...(given ? { problem: 'it was given something' } : {}),
    };
  },
};

const guesses: Attack = {
  name: `guesses ${GUESSES} tokens`,
  ending: 'heard',
  told: /LIMIT_REACHED/u,
  play: async (stage) => {
    const { peer: start, until } = stage;
    const peer = await start();
    const link = await peer.open();
    await link.say(hello());
    for (let seq = 1; seq <= GUESSES / GUESSES_OF_ONE_FRAME; seq += 1) {
      const ops = Array.from({ length: GUESSES_OF_ONE_FRAME }, (_, i) =>
        send(
          'o-0',
          'redeem',
          [randomBytes(32).toString('hex')],
          `p+${seq * 1000 + i}`,
        ),
      );
      await link.say(data(ops, { seq }));
    }
    const answers = (): number =>
      link.heard.join('').match(/"p-\d+",true/gu)?.length ?? 0;
    const isAnswered = await until(() => answers() >= GUESSES, 10_000);
    const given = link.heard.some((frame) => /"p-\d+",false/u.test(frame));
    const problem = given
      ? 'it was given something'
      : isAnswered
        ? await problemOfOthers(stage)
        : `${answers()} of ${GUESSES} were answered`;
    return { peer, link, ...(problem === undefined ? {} : { problem }) };
  },
};

/** Somebody who has a token must get what it is for, whoever guesses. */
const problemOfOthers = async (stage: Stage): Promise<string | undefined> => {
  const { play } = says('has a token', given, 'heard', /"slots":\["o\+1"\]/u);
  return (await play(stage)).problem;
};

const unreadable: readonly string[] = [
  '',
  'x',
  '#',
  '#[',
  '#"$9"',
  '#"count"',
  '#{}',
  '#["count"',
  '#["count",{"#tag":1}]',
  '#["count",["+x"]]',
  '#["count",["$0.Alleged: X"]]',
  '#["count",["!"],["*"]]',
  '{"@qclass":"slot","index":0}',
  '#["__proto__",[]]',
];

const atObject: readonly Attack[] = [
  says(
    'calls the object, as it may',
    [...given, data([send('o-1', 'count', [], 'p+2')], { seq: 2 })],
    'heard',
    /"p-2",false/u,
    { arrives: 1 },
  ),
  says(
    'says one frame four times',
    [
      ...given,
      ...Array<string>(4).fill(
        data([send('o-1', 'count', [], 'p+2')], { seq: 2 }),
      ),
      data([], { seq: 3 }),
    ],
    'heard',
    /"ack","received":3/u,
    { arrives: 1 },
  ),
  ...unreadable.map((text) =>
    says(
      `says ${JSON.stringify(text)} to the object`,
      [...given, data([['send', 'o-1', body(text), 'p+2']], { seq: 2 })],
      'heard',
      /"p-2",true/u,
    ),
  ),
  says(
    'settles an argument to what cannot be read',
    [
      ...given,
      data([['send', 'o-1', body('#["wait",["&0"]]', ['p+5']), 'p+2']], {
        seq: 2,
      }),
      data([['resolve', [['p+5', false, body('garbage')]]]], { seq: 3 }),
    ],
    'heard',
    /"p-2",true/u,
  ),
  says(
    'answers what cannot be read',
    [
      ...given,
      data(
        [['send', 'o-1', body('#["call",["$0.Alleged: X"]]', ['o+5']), 'p+2']],
        { seq: 2 },
      ),
      /ping/u,
      data([['resolve', [['p-2', false, body('garbage')]]]], { seq: 3 }),
    ],
    'heard',
    /"p-2",true/u,
  ),
  says(
    'answers one question twice',
    [
      ...given,
      data(
        [['send', 'o-1', body('#["call",["$0.Alleged: X"]]', ['o+5']), 'p+2']],
        { seq: 2 },
      ),
      /ping/u,
      data(
        [
          ['resolve', [['p-2', false, body('#1')]]],
          ['resolve', [['p-2', false, body('#2')]]],
        ],
        { seq: 3 },
      ),
    ],
    'cut',
    /does not decide|never given|twice/u,
  ),
  says(
    'answers with its own question',
    [
      ...given,
      data([['send', 'o-1', body('#["wait",["&0"]]', ['p+2']), 'p+2']], {
        seq: 2,
      }),
      data([], { seq: 3 }),
    ],
    'heard',
    /"ack","received":3/u,
  ),
];

export const gateAttacks: readonly Attack[] = [
  ...tokens,
  flippedTokens,
  ...atObject,
  guesses,
];
