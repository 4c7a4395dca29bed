/** Lines and messages that no honest host writes. */
import { call, data, done, good } from '../tools/script.ts';
import { line, settle, syscalls, type Forgery } from './forgery.ts';

/** The names that every object inherits, in every place where a name can be. */
export const prototypes = (key: string): readonly Forgery[] => [
  syscalls(`makes the syscall ${key}`, [[key, 'o+0']]),
  syscalls(`sends to ${key}`, [['send', key, call(), null]]),
  syscalls(`passes ${key} as a slot`, [['send', 'o+0', call([key]), null]]),
  line(`says a frame of the type ${key}`, [
    JSON.stringify({ type: key, vat: '$VAT' }),
  ]),
  line(`logs at the level ${key}`, [
    JSON.stringify({ type: 'log', vat: '$VAT', level: key, text: 'x' }),
  ]),
  line(`answers for the vat ${key}`, [done([], { vat: key })]),
  {
    name: `writes the key ${key}, its own`,
    frames: [done([settle('$RESULT')], { writes: [[key, '{"__proto__":1}']] })],
    expected: 'harmless',
  },
  {
    name: `reads the store of ${key}`,
    reads: [JSON.stringify({ vat: key, get: 'a' })],
    expected: 'ended',
  },
];

const inherited: readonly Forgery[] = [
  line('says a frame with a prototype of its own', [
    '{"__proto__":{"type":"done","vat":"$VAT","seq":$SEQ,"syscalls":[],"writes":[]}}',
  ]),
  line('says a frame whose parts are inherited', [
    '{"type":"done","vat":"$VAT","seq":$SEQ,"__proto__":{"syscalls":[],"writes":[]}}',
  ]),
  line(
    'passes data with a prototype of its own',
    [
      done([]).replace(
        '"syscalls":[]',
        '"syscalls":[["send","o+0",{"__proto__":{"slots":[]},"body":"#[\\"hi\\",[]]"},null]]',
      ),
    ],
    'terminated',
  ),
];

const malformed: readonly Forgery[] = [
  line('says no JSON', ['hello']),
  line('says an empty line', ['']),
  line('says an array', ['[]']),
  line('says null', ['null']),
  line('says an unknown type', ['{"type":"root"}']),
  line('says bytes that are no text', ['base64:e/8i/n0=']),
  line('is done without syscalls', ['{"type":"done","vat":"$VAT","seq":$SEQ}']),
  line('is done out of turn', [done([], { seq: '$NEXT' })]),
  line('is done before its time', [done([], { seq: -1 })]),
  line('is done with a number that is none', [done([], { seq: 1.5 })]),
  line('is done twice', [done([]), done([])]),
  line('is done for another vat', [done([], { vat: '$OTHER' })]),
  line('is done for a vat that is none', [done([], { vat: 'v999' })]),
  line('writes what is no pair', [done([], { writes: [['a']] })]),
  line('writes what is no text', [done([], { writes: [['a', 1]] })]),
  line(
    'writes what the kernel keeps in its store',
    [done([settle('$RESULT')], { writes: [['ocap.late.0000000001', 'no']] })],
    'terminated',
  ),
  line(
    'writes kinds that are none',
    [
      done([settle('$RESULT')], {
        writes: [
          ['storeKindIDTable', 'null'],
          ['vom.rc.o+d10/1', '1'],
        ],
      }),
    ],
    'terminated',
  ),
  line('gives a problem that is no text', [done([], { problem: {} })]),
  line('gives methods that are no texts', [done([], { methods: [1] })]),
  line('tells of a heap of negative size', [done([], { heapBytes: -1 })]),
  line('tells of a heap in words', [done([], { heapBytes: '1' })]),
  line('says syscalls that are an object', [
    done({ length: 1, 0: ['exit', true, data()] }),
  ]),
  line(
    'logs for another vat',
    [
      JSON.stringify({
        type: 'log',
        vat: '$OTHER',
        level: 'error',
        text: 'forged line',
      }),
      good,
    ],
    'harmless',
  ),
  line(
    'asks a turn for another vat',
    [JSON.stringify({ type: 'turn', vat: '$OTHER' }), good],
    'harmless',
  ),
  line(
    'answers pings that nobody sent',
    ['{"type":"pong","id":1}', '{"type":"pong","id":-5}', good],
    'harmless',
  ),
  line(
    'asks a thousand turns',
    [
      ...Array.from({ length: 1000 }, () => '{"type":"turn","vat":"$VAT"}'),
      good,
    ],
    'harmless',
  ),
  line('nests a hundred thousand levels', [`${'['.repeat(100_000)}`]),
  line(
    'nests syscalls ten thousand levels',
    [done(JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`))],
    'terminated',
  ),
];

const reads: readonly Forgery[] = [
  ['another vat’s key', '{"vat":"$OTHER","get":"baggageID"}'],
  ['a page of another vat', '{"vat":"$OTHER","after":"","count":10}'],
  ['a page without end', '{"vat":"$VAT","after":"","count":100000}'],
  ['a page of a negative length', '{"vat":"$VAT","after":"","count":-1}'],
  ['no vat', '{"get":"a"}'],
  ['a key that is no text', '{"vat":"$VAT","get":{}}'],
  ['no JSON', 'x'],
].map(([name, text]) => ({
  name: `reads ${name}`,
  reads: [text ?? ''],
  expected: 'ended' as const,
}));

/** To an object of another vat, which must not suffer from what is in the message. */
const bodies: readonly Forgery[] = [
  '',
  'x',
  '#',
  '#[',
  '#null',
  '#{}',
  '#[]',
  '#["hi"]',
  '#["hi",{}]',
  '#[1,[]]',
  '#["hi",["$9"]]',
  '#["hi",["$0.Alleged: x","$1"]]',
  '#["hi",["&0"]]',
  '#["hi",[{"#error":1}]]',
  '#["hi",[{"#tag":"x"}]]',
  '#["hi",["%@@iterator","+5","-x","#undefined","#what"]]',
  '#["__proto__",[]]',
  '#["constructor",[]]',
  '#["then",[]]',
  '#["toString",[]]',
  '#["hi",[{"__proto__":{"polluted":1}}]]',
  '#["hi",[{"then":"%x"}]]',
  `#["hi",[${'['.repeat(20_000)}${']'.repeat(20_000)}]]`,
  '{"@qclass":"slot","index":7}',
].map((body) => ({
  name: `sends to another vat the body ${body.slice(0, 40)}`,
  frames: [
    done([
      ['send', '$OBJECT', { body, slots: ['o+0'] }, null],
      settle('$RESULT'),
    ]),
  ],
  expected: 'harmless' as const,
}));

export const forgedLines: readonly Forgery[] = [
  ...prototypes('__proto__'),
  ...inherited,
  ...malformed,
  ...reads,
  ...bodies,
];
