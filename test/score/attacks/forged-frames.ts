/** Frames that are well formed, and that no honest kernel sends. */
import {
  body,
  data,
  given,
  hello,
  says,
  send,
  settle,
  type Attack,
} from './attack.ts';

const sequence: readonly Attack[] = [
  says(
    'begins with its second frame',
    [hello(), data([], { seq: 2 })],
    'cut',
    /frame is missing/u,
  ),
  says(
    'leaves one out',
    [hello(), data([]), data([], { seq: 3 })],
    'cut',
    /frame is missing/u,
  ),
  says(
    'is far ahead',
    [hello(), data([], { seq: 2 ** 53 - 1 })],
    'cut',
    /frame is missing/u,
  ),
  ...[-1, 1.5, '1', null].map((seq) =>
    says(
      `numbers a frame ${JSON.stringify(seq)}`,
      [hello(), data([], { seq })],
      'cut',
      /malformed/u,
    ),
  ),
  says(
    'numbers a frame 0',
    [
      hello(),
      data([send('o-0', 'redeem', ['x'], 'p+1')], { seq: 0 }),
      data([]),
    ],
    'heard',
    /"ack","received":1/u,
  ),
  says(
    'has received what was never sent',
    [hello({ received: 3 })],
    'cut',
    /never sent/u,
  ),
  says(
    'has seen what was never sent',
    [hello(), data([], { seen: 9 })],
    'cut',
    /never sent/u,
  ),
  ...[1, 2 ** 53 - 1].map((received) =>
    says(
      `acknowledges ${received}, which was never sent`,
      [hello(), `{"type":"ack","received":${received}}`],
      'cut',
      /never sent/u,
    ),
  ),
];

const sessions: readonly Attack[] = [
  says(
    'calls itself what another peer does',
    [hello({ session: '$THEIRS' }), data([])],
    'heard',
    /"ack","received":1/u,
  ),
  says(
    'shows the session of another peer',
    [hello({ yours: '$OURS' }), /"hello"/u, data([])],
    'cut',
    /did not introduce itself/u,
  ),
  says(
    'shows the session of another peer, and its frames',
    [
      hello({ session: '$THEIRS', yours: '$OURS', received: 5 }),
      /"hello"/u,
      '{"type":"ack","received":5}',
    ],
    'cut',
    /did not introduce itself/u,
  ),
];

const names: readonly Attack[] = [
  says(
    'sends to what it was never given',
    [hello(), data([send('o-99')])],
    'cut',
    /never given/u,
  ),
  says(
    'sends to a promise that it was never given',
    [hello(), data([send('p-7')])],
    'cut',
    /never given/u,
  ),
  says(
    'passes what it was never given',
    [hello(), data([send('o-0', 'redeem', ['x'], null, ['o-77'])])],
    'cut',
    /never given/u,
  ),
  says(
    'passes a promise that it was never given',
    [hello(), data([send('o-0', 'redeem', ['x'], null, ['p-77'])])],
    'cut',
    /never given/u,
  ),
  says(
    'has the answer go to a promise that it was never given',
    [hello(), data([send('o-0', 'redeem', ['x'], 'p-7')])],
    'cut',
    /never given/u,
  ),
  says(
    'has two answers go to one promise',
    [
      hello(),
      data([
        send('o-0', 'redeem', ['x'], 'p+1'),
        send('o-0', 'redeem', ['x'], 'p+1'),
      ]),
    ],
    'cut',
    /does not decide/u,
  ),
  says(
    'settles the result of what it has sent',
    [hello(), data([send('o-0', 'redeem', ['x'], 'p+1'), settle('p+1')])],
    'cut',
    /does not decide/u,
  ),
  says(
    'settles a promise that it was never given',
    [hello(), data([settle('p-3')])],
    'cut',
    /never given/u,
  ),
  says(
    'settles one promise twice at once',
    [hello(), data([settle('p+5', 'p+5')])],
    'cut',
    /twice/u,
  ),
  says(
    'settles one promise twice',
    [hello(), data([settle('p+5'), settle('p+5')])],
    'cut',
    /does not decide|twice/u,
  ),
  says(
    'settles a promise to itself',
    [
      hello(),
      data([['resolve', [['p+5', false, body('#"&0"', ['p+5'])]]]]),
      data([], { seq: 2 }),
    ],
    'heard',
    /"ack","received":2/u,
  ),
  says(
    'settles two promises to each other',
    [
      hello(),
      data([
        [
          'resolve',
          [
            ['p+5', false, body('#"&0"', ['p+6'])],
            ['p+6', false, body('#"&0"', ['p+5'])],
          ],
        ],
      ]),
      data([], { seq: 2 }),
    ],
    'heard',
    /"ack","received":2/u,
  ),
  says(
    'forgets what was not settled',
    [hello(), data([['forget', ['p+1']]])],
    'cut',
    /not settled/u,
  ),
  says(
    'forgets the gate',
    [hello(), data([['forget', ['o-0']]])],
    'cut',
    /malformed/u,
  ),
  says(
    'drops what it was never given',
    [hello(), data([['dropImports', ['o-99']]])],
    'heard',
    /"ack","received":1/u,
  ),
  says(
    'retires its own gate',
    [hello(), data([['retireExports', ['o+0']]]), data([], { seq: 2 })],
    'any',
  ),
  says(
    'drops our gate, and calls it',
    [hello(), data([['dropImports', ['o-0']], send('o-0')])],
    'cut',
    /dropped/u,
  ),
  // Once it was told that the name is not used any more, it may not have heard it yet.
  says(
    'drops our gate, and calls it when it is gone',
    [
      hello(),
      data([['dropImports', ['o-0']]]),
      /"retireExports",\["o\+0"\]/u,
      data([send('o-0', 'redeem', ['$TOKEN'], 'p+1')], { seq: 2 }),
    ],
    'heard',
    /"p-1",true,.*not there any more/u,
  ),
  says(
    'passes 5,000 references to the gate, in two messages',
    [
      hello(),
      data(
        [1, 2].map((n) =>
          send('o-0', 'redeem', ['x'], `p+${n}`, exports(2500, 2500 * n)),
        ),
      ),
    ],
    'cut',
    /more than a stranger/u,
  ),
  says(
    'passes 4,001 references to what it was given',
    [
      ...given,
      data([send('o-1', 'read', [], 'p+2', exports(4001))], { seq: 2 }),
    ],
    'cut',
    /more references/u,
  ),
];

function exports(count: number, from = 5): string[] {
  return Array.from({ length: count }, (_, i) => `o+${i + from}`);
}

export const forgedFrames: readonly Attack[] = [
  ...sequence,
  ...sessions,
  ...names,
];
