/** Frames that are none, and frames before their time. */
import { body, data, hello, says, send, type Attack } from './attack.ts';

const beforeHello: readonly Attack[] = [
  says(
    'says data before it says who it is',
    [data([])],
    'turned away',
    /did not introduce itself/u,
  ),
  says(
    'acknowledges before it says who it is',
    ['{"type":"ack","received":0}'],
    'turned away',
    /did not introduce itself/u,
  ),
  ...[0, 2, 2 ** 53 - 1].map((version) =>
    says(
      `speaks version ${version}`,
      [hello({ version })],
      'turned away',
      /version \d+ of the protocol/u,
    ),
  ),
];

const malformed: readonly Attack[] = [
  ...[
    '',
    'hello',
    'null',
    '[]',
    '"hello"',
    '{',
    '{}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
    '{"__proto__":{"type":"ack","received":0}}',
    '\u0000',
    '{"type":"hello"',
  ].map((text) =>
    says(
      `says ${JSON.stringify(text)}`,
      [text],
      'turned away',
      /not JSON|malformed/u,
    ),
  ),
  ...Object.entries({
    'a session of 1,001 characters': { session: 'x'.repeat(1001) },
    'a session that is no text': { session: { toString: 'x' } },
    '33 addresses': {
      addresses: Array<string>(33).fill('/ip4/127.0.0.1/tcp/1'),
    },
    'addresses that are a record': { addresses: { length: 1, 0: '/x' } },
    'a negative number': { received: -1 },
    'half a frame': { received: 0.5 },
    'more frames than there are numbers': { received: 1e300 },
  }).map(([what, more]) =>
    says(
      `introduces itself with ${what}`,
      [hello(more)],
      'turned away',
      /malformed/u,
    ),
  ),
  ...Object.entries({
    'ops that are a record': { length: 1 },
    'an op that is null': [null],
    'an op without a name': [[]],
    'the exit of a vat': [['exit', true, body('#1')]],
    'a subscription': [['subscribe', 'p+1']],
    'a write': [['vatstoreSet', 'key', 'value']],
    'an op of Object': [['constructor', ['o-0']]],
    'the op __proto__': [['__proto__', ['o-0']]],
    'a send without arguments': [['send', 'o-0']],
    'a send whose slots are text': [
      ['send', 'o-0', { body: '#1', slots: 'o-0' }, null],
    ],
    'a settlement that is no list': [
      ['resolve', { 0: ['p+1', false, body('#1')] }],
    ],
    'a settlement by text': [['resolve', [['p+1', 'false', body('#1')]]]],
  }).map(([what, ops]) =>
    says(`says ${what}`, [hello(), data(ops)], 'cut', /malformed/u),
  ),
  ...[
    '__proto__',
    'constructor',
    'o-',
    'o-01',
    'o--1',
    'o-1e3',
    'o+d1/2',
    'ko1',
    'kp1',
    'v1',
    'r1',
    'o-0 ',
    'O-0',
    'o-9999999999999999',
    'о-0',
  ].map((name) =>
    says(
      `names ${JSON.stringify(name)}`,
      [hello(), data([send(name)])],
      'cut',
      /malformed/u,
    ),
  ),
];

export const malformedFrames: readonly Attack[] = [
  ...beforeHello,
  ...malformed,
];
