/** Puts the tables of a run into the page that explains them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Place, Section } from './report.ts';

const path = fileURLToPath(
  new URL('../../docs/benchmarks.md', import.meta.url),
);
/** @throws if the page has no place for a table: better before the run than after it */
export const insistPlace = (
  place: Place,
): { before: string; after: string } => {
  const begin = `<!-- ${place}: begin -->\n`;
  const page = readFileSync(path, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(`<!-- ${place}: end -->`);
  if (from < 0 || to < from) {
    throw Error(`${path} has no place for the table (${begin.trim()})`);
  }
  return {
    before: page.slice(0, from + begin.length),
    after: page.slice(to),
  };
};

/** A run without peers leaves their table as it is. */
export const writeIntoDocs = ({ place, text }: Section): void => {
  const { before, after } = insistPlace(place);
  writeFileSync(path, `${before}\n${text}\n${after}`);
};
