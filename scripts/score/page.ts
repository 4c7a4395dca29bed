/**
 * docs/scoreboard.md after a run: rows of checks that were run now are new, the
 * others stay as they were if they were made on this machine and this Node.
 * What is not there is named too, so that nobody takes the table for complete.
 */
import type { Verdict } from '../../test/score/tools/verdict.ts';
import { cellsOf, headings, renderTable, type Cells } from './table.ts';
import { scoreboard, type Entry } from './scoreboard.ts';

export type PageRun = Readonly<{
  verdicts: readonly Verdict[];
  /** Processor, cores, memory, system, Node: what the numbers depend on. */
  machine: string;
  /** `2026-11-21`, and what else is to be known of this very run. */
  date: string;
  circumstances: string;
}>;

const BEGIN = '<!-- score: begin -->';
const END = '<!-- score: end -->';
const heads: Cells = [...headings, 'date'];

/** @throws if the page has no place for the table: better before the run than after it */
export const insistPlace = (
  page: string,
): Readonly<{ before: string; within: string; after: string }> => {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) {
    throw Error(`docs/scoreboard.md has no place for the table (${BEGIN})`);
  }
  return {
    before: page.slice(0, from + BEGIN.length),
    within: page.slice(from + BEGIN.length, to),
    after: page.slice(to),
  };
};

export const updatePage = (
  page: string,
  run: PageRun,
  isWritten: (entry: Entry) => boolean,
): string => {
  const { before, within, after } = insistPlace(page);
  const kept = within.includes(`\n${run.machine}\n`)
    ? readOld(within)
    : { rows: new Map<string, Cells>(), notes: new Map<string, string>() };
  const rows = new Map(kept.rows);
  const notes = new Map(kept.notes);
  for (const verdict of run.verdicts) {
    rows.set(verdict.id, [...cellsOf(verdict), run.date]);
    notes.delete(verdict.id);
    if (verdict.missing !== undefined) notes.set(verdict.id, verdict.missing);
  }
  const here = scoreboard.filter(({ id }) => rows.has(id));
  const parts = [
    run.machine,
    `Last run: ${run.date}, ${run.circumstances}.`,
    renderTable(
      heads,
      here.map(({ id }) => rows.get(id) ?? []),
    ).trimEnd(),
    list(
      'What these checks do not do yet of what their rows ask for:',
      here.flatMap(({ number, id }) => {
        const note = notes.get(id);
        return note === undefined ? [] : [`${number} ${id}: ${note}`];
      }),
    ),
    list(
      'Written, but not run on this machine:',
      namesOf((entry) => isWritten(entry) && !rows.has(entry.id)),
    ),
    list(
      'Not written yet:',
      namesOf((entry) => !isWritten(entry) && !rows.has(entry.id)),
    ),
  ];
  const text = parts.filter((part) => part !== '').join('\n\n');
  return `${before}\n\n${text}\n\n${after}`;
};

const namesOf = (wanted: (entry: Entry) => boolean): readonly string[] =>
  scoreboard.filter(wanted).map(({ number, id }) => `${number} ${id}`);

const list = (heading: string, items: readonly string[]): string =>
  items.length === 0
    ? ''
    : [heading, '', ...items.map((item) => `- ${item}`)].join('\n');

/** Rows and notes of an earlier run, by id. */
const readOld = (
  within: string,
): Readonly<{ rows: Map<string, Cells>; notes: Map<string, string> }> => {
  const rows = new Map<string, Cells>();
  const notes = new Map<string, string>();
  for (const line of within.split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const id = cells[1];
    if (/^\d+$/u.test(cells[0] ?? '') && id !== undefined) rows.set(id, cells);
    const note = /^- \d+ (?<name>[\w-]+): (?<text>.+)$/u.exec(line)?.groups;
    if (note?.['name'] !== undefined)
      notes.set(note['name'], note['text'] ?? '');
  }
  return { rows, notes };
};
