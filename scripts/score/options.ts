/** The command line of the scoreboard. */
import { parseArgs } from 'node:util';
import type { Mode } from '../../test/score/tools/check.ts';
import type { Entry } from './scoreboard.ts';

export type Options = Readonly<{
  mode: Mode;
  seed?: number;
  /** So many times its time may a check take before it is ended. */
  patience: number;
  /** Bring docs/scoreboard.md up to date. */
  write: boolean;
  help: boolean;
  checks: readonly Entry[];
}>;

export const usage = `npm run score -- [options] [number or id …]

  --full      up to five minutes a check, eleven for soak-rss, ten for
              forged-refs; without it up to 20 seconds
  --seed N    the chance of every check; drawn and printed otherwise
  --patience N  a check that does a certain amount may take N times its time,
              on a slow machine; it is written into the page
  --write     bring docs/scoreboard.md up to date
  --help      this

Without numbers and ids it runs every check that exists.`;

type Parsed = Options | Readonly<{ problem: string }>;

/** `entries` are the forty, `isWritten` tells which of them can be run. */
export const parseOptions = (
  args: readonly string[],
  entries: readonly Entry[],
  isWritten: (entry: Entry) => boolean,
): Parsed => {
  try {
    const { values, positionals } = parse(args);
    const { full, seed, patience, ...rest } = values;
    return {
      ...rest,
      patience: patience === undefined ? 1 : parsePatience(patience),
      mode: full ? 'full' : 'quick',
      ...(seed === undefined ? {} : { seed: parseSeed(seed) }),
      checks: choose(positionals, entries, isWritten),
    };
  } catch (thrown) {
    return {
      problem: thrown instanceof Error ? thrown.message : String(thrown),
    };
  }
};

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      full: { type: 'boolean', default: false },
      seed: { type: 'string' },
      patience: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });

const parsePatience = (text: string): number => {
  const patience = Number(text);
  if (!(patience >= 1 && patience <= 10)) {
    throw Error(`--patience takes a number from 1 to 10, not "${text}".`);
  }
  return patience;
};

const parseSeed = (text: string): number => {
  const seed = Number(text);
  if (text !== '' && Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw Error(`--seed takes a whole number, not "${text}".`);
};

/** In the order of the scoreboard, each once. */
const choose = (
  wanted: readonly string[],
  entries: readonly Entry[],
  isWritten: (entry: Entry) => boolean,
): readonly Entry[] => {
  const found = new Set(
    wanted.map((name) => {
      const entry = entries.find(
        ({ number, id }) => name === id || name === String(number),
      );
      if (entry === undefined) throw Error(`There is no check "${name}".`);
      // Who asks for it by name must not take silence for success.
      if (!isWritten(entry)) {
        throw Error(
          `The check ${entry.number} (${entry.id}) is not written yet.`,
        );
      }
      return entry;
    }),
  );
  return entries.filter((entry) =>
    wanted.length === 0 ? isWritten(entry) : found.has(entry),
  );
};
