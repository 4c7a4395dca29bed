/**
 * A decoded value as text for a person, much like Node's `util.inspect`:
 * short values on one line, longer ones indented. A string alone is shown as
 * it is, so that a vat can answer with a page of text.
 */
import { printable } from './printable.ts';
import type { Decoded } from './smallcaps.ts';

const LINE_WIDTH = 76;

export const decodedToText = (decoded: Decoded): string =>
  decoded.style === 'plain' && typeof decoded.value === 'string'
    ? printable(decoded.value)
    : inspect(decoded, 0);

const inspect = (decoded: Decoded, indent: number): string => {
  switch (decoded.style) {
    case 'plain':
      return typeof decoded.value === 'string'
        ? quote(decoded.value)
        : String(decoded.value);
    case 'undefined':
      return 'undefined';
    case 'bigint':
      return `${decoded.value}n`;
    case 'symbol':
      return `Symbol(${printable(decoded.name)})`;
    case 'array':
      return enclose('[', ']', indent, (inner) =>
        decoded.items.map((item) => inspect(item, inner)),
      );
    case 'record':
      return enclose('{', '}', indent, (inner) =>
        decoded.entries.map(
          ([key, value]) => `${propertyName(key)}: ${inspect(value, inner)}`,
        ),
      );
    case 'tagged':
      return `${printable(decoded.tag)} ${inspect(decoded.payload, indent)}`;
    case 'error':
      return `[${printable(decoded.name)}: ${printable(decoded.message)}]`;
    case 'remotable':
      return remotableText(decoded.ref, decoded.interface);
    case 'promise':
      return `promise (${decoded.ref})`;
  }
};

/** `purse (ko12, interface Purse)` */
export const remotableText = (ref: string, name?: string): string => {
  if (name === undefined) {
    return `object (${ref})`;
  }
  const noun = name.charAt(0).toLowerCase() + name.slice(1);
  return printable(`${noun} (${ref}, interface ${name})`);
};

const quote = (text: string): string =>
  printable(
    `'${text.replace(/[\\'\n\t]/gu, (char) => ({ '\n': '\\n', '\t': '\\t' })[char] ?? `\\${char}`)}'`,
  );

const propertyName = (key: string): string =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quote(key);

/** The parts on one line if they fit, otherwise one a line. */
const enclose = (
  open: string,
  close: string,
  indent: number,
  partsAt: (indent: number) => readonly string[],
): string => {
  const parts = partsAt(indent + 2);
  if (parts.length === 0) {
    return open + close;
  }
  const pad = open === '{' ? ' ' : '';
  const line = `${open}${pad}${parts.join(', ')}${pad}${close}`;
  if (!line.includes('\n') && indent + line.length <= LINE_WIDTH) {
    return line;
  }
  const margin = `\n${' '.repeat(indent + 2)}`;
  return `${open}${margin}${parts.join(`,${margin}`)}\n${' '.repeat(indent)}${close}`;
};
