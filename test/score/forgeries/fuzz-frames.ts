/** Frames of a host with faults in them, as chance has it: in their structure, and in their text. */
import type { Json } from '@ocap/kernel-utils';
import type { Random } from '../../support/random.ts';
import { call, data } from '../tools/script.ts';

const frame = (syscalls: Json, more: Record<string, Json> = {}): Json => ({
  type: 'done',
  vat: '$VAT',
  seq: '$SEQ',
  syscalls,
  writes: [['key', 'value']],
  ...more,
});
const capdata = (slots: string[] = []): Json => ({ ...call(slots), slots });
const nothing: Json = { ...data(), slots: [] };

/** What an honest host says. */
const honest: readonly Json[] = [
  frame([['resolve', [['$RESULT', false, nothing]]]]),
  frame([['send', 'o+0', capdata(['o+1', 'p+2']), 'p+3']]),
  frame([
    ['send', 'o+0', capdata(), 'p+5'],
    ['subscribe', 'p+5'],
    ['resolve', [['$RESULT', true, nothing]]],
  ]),
  frame([['dropImports', ['o-1']]], { timers: true }),
  frame([['retireExports', ['o+4']]], { problem: 'a problem' }),
  frame([['exit', false, nothing]], { methods: ['hi'] }),
  { type: 'log', vat: '$VAT', level: 'info', text: 'hello' },
  { type: 'turn', vat: '$VAT' },
  { type: 'pong', id: 1 },
];

const strange: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  2 ** 53,
  '',
  '0',
  'constructor',
  '__proto__',
  'ko1',
  'kp1',
  'v1',
  'v2',
  'v999',
  'o+0',
  'o-0',
  'o-1',
  'o-2',
  'o+1',
  'o+00',
  'o+1e3',
  ' o+1',
  'o+d1/1',
  'o+v9/9:3',
  'p+0',
  'p+1',
  'p-0',
  'p-1',
  'p-2',
  '$RESULT',
  '$SEQ',
  '$VAT',
  '\u0000',
  '\ud83d',
  'x'.repeat(100_000),
  [],
  {},
  [[]],
  [null],
  { length: 3 },
  { body: '', slots: [] },
  { body: '#null', slots: ['o-1'] },
  'done',
  'start',
  'deliver',
  'send',
  'exit',
  'resolve',
];

export const fuzzFrame = (random: Random): string => {
  let value = structuredClone(random.pick(honest));
  for (let faults = random.integer(0, 4); faults > 0; faults -= 1) {
    value = withFault(value, random);
  }
  let text = JSON.stringify(value).replaceAll('"$SEQ"', '$SEQ');
  if (random.integer(1, 4) === 1) text = withTextFault(text, random);
  // A line is a line.
  return text.replaceAll('\n', ' ');
};

/** One fault somewhere in the value. */
const withFault = (value: Json, random: Random): Json => {
  if (
    typeof value !== 'object' ||
    value === null ||
    random.integer(1, 6) === 1
  ) {
    return structuredClone(random.pick(strange));
  }
  return Array.isArray(value)
    ? faultyList(value, random)
    : faultyRecord(value, random);
};

const faultyList = (list: Json[], random: Random): Json => {
  if (list.length === 0) return [random.pick(strange)];
  const at = random.integer(0, list.length - 1);
  const item = list[at] ?? null;
  switch (random.integer(1, 5)) {
    case 1:
      return list.toSpliced(at, 1);
    case 2:
      return list.toSpliced(at, 0, structuredClone(item));
    case 3:
      return list.toReversed();
    default:
      return list.with(at, withFault(item, random));
  }
};

const faultyRecord = (record: Record<string, Json>, random: Random): Json => {
  const entries = Object.entries(record);
  if (entries.length === 0) return random.pick(strange);
  const at = random.integer(0, entries.length - 1);
  const [key, item] = entries[at] ?? ['', null];
  switch (random.integer(1, 6)) {
    case 1:
      return Object.fromEntries(entries.toSpliced(at, 1));
    case 2:
      return Object.fromEntries(entries.with(at, ['__proto__', item]));
    default:
      return Object.fromEntries(
        entries.with(at, [key, withFault(item, random)]),
      );
  }
};

const withTextFault = (text: string, random: Random): string => {
  const at = random.integer(0, text.length);
  const to = random.integer(at, Math.min(text.length, at + 20));
  const signs = [
    '',
    '"',
    '{',
    '[',
    '}',
    ']',
    ',',
    ':',
    '\\',
    '\u0000',
    'é',
    '\u2028',
    '1e999',
    '-',
    '$SEQ',
  ];
  switch (random.integer(1, 3)) {
    case 1:
      return text.slice(0, at);
    case 2:
      return text + text.slice(at, to);
    default:
      return text.slice(0, at) + random.pick(signs) + text.slice(to);
  }
};
