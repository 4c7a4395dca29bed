/**
 * A pattern of `@endo/patterns`, as it travels in smallcaps, told in the way in
 * which people write types: `{ name: string, age?: nat }`, `number[]`, `"a" | "b"`.
 */
type Tagged = Readonly<{ '#tag': string; payload: unknown }>;

export const isRecord = (
  value: unknown,
): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isTagged = (value: unknown): value is Tagged =>
  isRecord(value) && typeof value['#tag'] === 'string' && 'payload' in value;

export const describePattern = (pattern: unknown): string => {
  if (isTagged(pattern)) {
    return describeMatcher(pattern);
  }
  if (Array.isArray(pattern)) {
    return `[${pattern.map(describePattern).join(', ')}]`;
  }
  if (isRecord(pattern)) {
    return braces(entries(pattern));
  }
  return typeof pattern === 'string'
    ? describeString(pattern)
    : JSON.stringify(pattern);
};

/** Smallcaps writes what JSON lacks as strings with a prefix. */
const describeString = (text: string): string => {
  switch (text[0]) {
    case '!':
      return JSON.stringify(text.slice(1));
    case '#': // #undefined, #NaN, …
    case '%': // a symbol
      return text.slice(1);
    case '+':
      return `${text.slice(1)}n`;
    case '-':
      return `${text}n`;
    default:
      return JSON.stringify(text);
  }
};

const describeMatcher = ({ '#tag': tag, payload }: Tagged): string => {
  const parts = Array.isArray(payload) ? payload : [payload];
  const [first, second] = parts.map(describePattern);
  const of = (word: string): string =>
    first === 'any' ? word : `${word} of ${first}`;
  switch (tag) {
    case 'guard:awaitArgGuard':
      return `await ${describePattern(isRecord(payload) ? payload['argGuard'] : payload)}`;
    case 'guard:rawGuard':
      return 'raw';
    case 'match:kind':
      return kindNames[String(payload)] ?? String(payload);
    case 'match:remotable':
    case 'match:promise':
      return isRecord(payload) && typeof payload['label'] === 'string'
        ? payload['label']
        : wordOf(tag);
    case 'match:or':
      return parts.map(describePattern).join(' | ');
    case 'match:and':
      return parts.map(describePattern).join(' & ');
    case 'match:not':
      return `not ${describePattern(payload)}`;
    case 'match:lt':
    case 'match:lte':
    case 'match:gt':
    case 'match:gte':
      return `${signs[wordOf(tag)]} ${describePattern(payload)}`;
    case 'match:arrayOf':
      return first === 'any' ? 'array' : `${inParentheses(first)}[]`;
    case 'match:recordOf':
      return second === 'any' ? 'record' : `record of ${second}`;
    case 'match:setOf':
      return of('set');
    case 'match:bagOf':
      return of('bag');
    case 'match:mapOf':
      return first === 'any' && second === 'any'
        ? 'map'
        : `map of ${first} → ${second}`;
    case 'match:containerHas':
      return `container with ${first}`;
    case 'match:splitArray':
      return describeSplitArray(parts);
    case 'match:splitRecord':
      return describeSplitRecord(parts);
    default:
      return wordOf(tag);
  }
};

const wordOf = (tag: string): string => tag.replace(/^match:/u, '');

const kindNames: Readonly<Record<string, string>> = {
  copyRecord: 'record',
  copyArray: 'array',
  copySet: 'set',
  copyBag: 'bag',
  copyMap: 'map',
};

const signs: Readonly<Record<string, string>> = {
  lt: '<',
  lte: '≤',
  gt: '>',
  gte: '≥',
};

const inParentheses = (text: string | undefined): string =>
  text?.includes(' ') === true && !text.startsWith('{')
    ? `(${text})`
    : `${text}`;

const entries = (value: unknown, mark = ''): string[] =>
  isRecord(value)
    ? Object.entries(value).map(
        ([key, pattern]) =>
          `${key.replace(/^!/u, '')}${mark}: ${describePattern(pattern)}`,
      )
    : [];
const braces = (parts: readonly string[]): string =>
  parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;

/** What may follow; nothing is said of it if anything may. */
const restOf = (rest: unknown): string[] => {
  if (rest === undefined || rest === '#undefined') {
    return ['…'];
  }
  const text = describePattern(rest);
  return text === '{}' || text === '[]'
    ? []
    : [text === 'any' ? '…' : `…${text}`];
};

const describeSplitRecord = ([
  base,
  optional,
  rest,
]: readonly unknown[]): string =>
  braces([...entries(base), ...entries(optional, '?'), ...restOf(rest)]);

const describeSplitArray = ([
  base,
  optional,
  rest,
]: readonly unknown[]): string => {
  const list = (value: unknown, mark = ''): string[] =>
    Array.isArray(value)
      ? value.map((pattern) => `${describePattern(pattern)}${mark}`)
      : [];
  return `[${[...list(base), ...list(optional, '?'), ...restOf(rest)].join(', ')}]`;
};
