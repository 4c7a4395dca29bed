/** Whether stdout is a place where a secret would stay, for others to read. */
import { fstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';

type Surroundings = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  /** Of stdout, by default. */
  stats?: Stats;
}>;

const OTHERS = 0o077;

/** Why a secret should not be written there, for people; undefined if it may be. */
export const whyNotSecret = ({
  env,
  home,
  stats = fstatSync(1),
}: Surroundings): string | undefined => {
  if (env['JOURNAL_STREAM'] === `${stats.dev}:${stats.ino}`) {
    return 'the output goes into the journal of the system';
  }
  if (/^(?:1|true)$/iu.test(env['CI'] ?? '')) {
    return 'the output goes into the log of a build';
  }
  if (!stats.isFile()) {
    return undefined;
  }
  if (logsOf(home).some(isSameAs(stats))) {
    return 'the output goes into a log of this home';
  }
  return (stats.mode & OTHERS) === 0
    ? undefined
    : 'the output goes into a file that others can read';
};

const logsOf = (home: string): readonly string[] => {
  try {
    return readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.log(?:\.\d+)?$/u.test(name))
      .map((name) => join(home, name));
  } catch {
    return []; // No home, no logs.
  }
};

const isSameAs =
  ({ dev, ino }: Stats) =>
  (path: string): boolean => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.dev === dev && found.ino === ino;
  };
