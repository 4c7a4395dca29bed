/** The log of a home as it lies on disk: its files, and what is in them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../../support/home.ts';

export type LogFileFound = Readonly<{ name: string; bytes: number }>;

/** Everything that has its name in front, whatever it is. */
export const logFilesOf = ({ dir }: Home): readonly LogFileFound[] =>
  readdirSync(dir)
    .filter((name) => name.startsWith('daemon.log'))
    .map((name) => ({ name, bytes: statSync(join(dir, name)).size }));

/** All that stands in it. */
export const textOfLogs = (home: Home): string =>
  logFilesOf(home)
    .map(({ name }) => readFileSync(join(home.dir, name), 'utf8'))
    .join('');

/** Its lines; one that is no JSON is an object without fields. */
export const linesOfLogs = (
  home: Home,
): readonly Readonly<Record<string, unknown>>[] => parseLines(textOfLogs(home));

export const parseLines = (
  text: string,
): readonly Readonly<Record<string, unknown>>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as Record<string, unknown>;
      } catch {
        return {};
      }
    });
