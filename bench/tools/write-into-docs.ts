/** Puts the table of a run into the page that explains it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(
  new URL('../../docs/benchmarks.md', import.meta.url),
);
const BEGIN = '<!-- bench: begin -->\n';
const END = '<!-- bench: end -->';

/** @throws if the page has no place for the table: better before the run than after it */
export const insistPlace = (): { before: string; after: string } => {
  const page = readFileSync(path, 'utf8');
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) {
    throw Error(`${path} has no place for the table (${BEGIN.trim()})`);
  }
  return {
    before: page.slice(0, from + BEGIN.length),
    after: page.slice(to),
  };
};

export const writeIntoDocs = (text: string): void => {
  const { before, after } = insistPlace();
  writeFileSync(path, `${before}\n${text}\n${after}`);
};
