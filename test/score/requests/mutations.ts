/**
 * Requests that are nearly right. The kinds of changes are those of radamsa
 * (https://gitlab.com/akihe/radamsa) and of AFL's havoc stage
 * (https://github.com/google/AFL): values exchanged for odd ones, parts left out,
 * doubled or moved, and the text cut and flipped.
 */
import type { Random } from '../../support/random.ts';
import { seeds, type Seed } from './seeds.ts';

const DEFAULT_WEIGHT = 300;

/** What programs stumble over. */
const odd: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  '',
  ' ',
  'x'.repeat(300),
  '\0',
  '\u{feff}',
  '\u{202e}\u{2028}',
  '\u{d800}',
  '👋',
  '__proto__',
  'constructor',
  'toString',
  'then',
  '%s%n%x',
  '../../etc/passwd',
  '/etc/passwd',
  'file:///etc/passwd',
  '$(id)',
  `' OR 1=1 --`,
  '<script>',
  'ko0',
  'ko1',
  'ko99999999999999999999',
  'kp1',
  'v0',
  'v1',
  's1',
  'r1',
  '#undefined',
  '+7',
  [],
  {},
  [[]],
  [null],
  { '@ref': 'ko1' },
  { '@ref': 5 },
  { length: 1e9 },
  JSON.parse('{"__proto__":{"polluted":1}}'),
  Array.from({ length: 200 }, () => 0),
];

const keys = ['id', 'jsonrpc', 'method', 'params', '__proto__', 'x', ''];
const characters = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', 'e', '\u{1}'];

const total = seeds.reduce(
  (sum, { weight = DEFAULT_WEIGHT }) => sum + weight,
  0,
);

const pickSeed = (random: Random): Seed => {
  let left = random.integer(1, total);
  const found = seeds.find(({ weight = DEFAULT_WEIGHT }) => {
    left -= weight;
    return left <= 0;
  });
  return found ?? random.pick(seeds);
};

/** A line without its newline. Its id is `id`, unless that was changed, too. */
export const mutate = (id: number, random: Random): string => {
  const { method, params } = pickSeed(random);
  let request: unknown = { jsonrpc: '2.0', id, method, params };
  for (let times = random.integer(0, 2); times > 0; times -= 1) {
    request = changed(request, random);
  }
  const line = JSON.stringify(request);
  // Half a character arrives as another one.
  return random.integer(0, 3) === 0
    ? garbled(line, random).toWellFormed()
    : line;
};

/** One place in it, at any depth, is another. */
const changed = (value: unknown, random: Random): unknown => {
  if (typeof value !== 'object' || value === null || random.integer(0, 5) === 0)
    return replaced(value, random);
  if (Array.isArray(value)) return changedList(value, random);
  const entries = Object.entries(value);
  if (entries.length === 0) return replaced(value, random);
  const at = random.integer(0, entries.length - 1);
  const [key = '', old] = entries[at] ?? [];
  const next: [string, unknown] =
    random.integer(0, 9) === 0
      ? [random.pick(keys), old]
      : [key, changed(old, random)];
  const kept = random.integer(0, 9) === 0 ? [] : [next];
  return Object.fromEntries(entries.toSpliced(at, 1, ...kept));
};

const changedList = (
  list: readonly unknown[],
  random: Random,
): readonly unknown[] => {
  const at = random.integer(0, Math.max(0, list.length - 1));
  switch (random.integer(0, 4)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return [...list, random.pick(odd)];
    case 2:
      return list.toReversed();
    default:
      return list.toSpliced(at, 1, changed(list[at], random));
  }
};

const replaced = (value: unknown, random: Random): unknown => {
  switch (random.integer(0, 3)) {
    case 0:
      return [value];
    case 1:
      return typeof value === 'string' ? garbled(value, random) : { value };
    default:
      return random.pick(odd);
  }
};

/** The same text with one place cut out, doubled, or exchanged. */
const garbled = (text: string, random: Random): string => {
  const from = random.integer(0, text.length);
  const to = Math.min(text.length, from + random.integer(1, 8));
  switch (random.integer(0, 3)) {
    case 0:
      return text.slice(0, from);
    case 1:
      return text.slice(0, from) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(from);
    default:
      return text.slice(0, from) + random.pick(characters) + text.slice(to);
  }
};
