/** Whether a home and what is in it are its owner's alone, and whether there is room. */
import { lstatSync, readdirSync, statfsSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { notOk, ok, type Finding } from './finding.ts';

const MiB = 1024 ** 2;
/** Less room than this is worth a word: the log alone may take 45 MiB. */
const LITTLE_ROOM = 1024 * MiB;
/** With less than this the next busy hour may end in errors. */
const NO_ROOM = 100 * MiB;

const ownUid = process.getuid?.();

/** Of a home that is there. */
export const examineFiles = (home: string): readonly Finding[] => [
  examineHome(home),
  ...examineContents(home),
  examineRoom(home),
];

const examineHome = (home: string): Finding => {
  // What the link leads to is looked at as the home itself.
  const stats = lstatSync(`${home}/.`);
  return (
    findForeign('home', home, stats) ??
    (isOpen(stats)
      ? notOk(
          'problem',
          'home',
          `others can get into ${home} (mode ${modeOf(stats)})`,
          `ocap daemon start  closes it; or: chmod 700 ${home}`,
        )
      : ok('home', `${home} is yours alone`))
  );
};

const examineContents = (home: string): readonly Finding[] => {
  const findings = readdirSync(home).flatMap((name) => {
    const path = join(home, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    const finding = stats && examineFile(path, stats);
    return finding ?? [];
  });
  return findings.length > 0
    ? findings
    : [ok('files', 'what is in it is yours alone')];
};

const examineFile = (path: string, stats: Stats): Finding | undefined => {
  const foreign = findForeign('files', path, stats);
  if (foreign !== undefined) return foreign;
  if (stats.isSymbolicLink()) {
    return notOk(
      'warning',
      'files',
      `${path} is a link: what is kept there is as safe as where it leads`,
      'put the file itself there, and the whole home where there is room (--home or $OCAP_HOME)',
    );
  }
  return isOpen(stats)
    ? notOk(
        'problem',
        'files',
        `others could read ${path} if the home let them in (mode ${modeOf(stats)})`,
        `chmod go-rwx ${path}`,
      )
    : undefined;
};

const findForeign = (
  what: string,
  path: string,
  { uid }: Stats,
): Finding | undefined =>
  ownUid === undefined || uid === ownUid
    ? undefined
    : notOk(
        'problem',
        what,
        `${path} belongs to another user (uid ${uid}), so it is not used`,
        'delete it if it should not be there; or choose a home of your own with --home or $OCAP_HOME',
      );

const isOpen = ({ mode }: Stats): boolean => (mode & 0o077) !== 0;

const modeOf = ({ mode }: Stats): string => (mode & 0o777).toString(8);

const examineRoom = (home: string): Finding => {
  const { bavail, bsize, files, ffree } = statfsSync(home);
  const free = bavail * bsize;
  const found = `${Math.floor(free / MiB)} MiB free`;
  const advice =
    'make room on the disk of the home, or move the home to another';
  // Some file systems do not count files.
  if (files > 0 && ffree < 100) {
    const left = `only ${ffree} more files can be made on the disk`;
    return notOk('problem', 'disk', left, advice);
  }
  if (free < NO_ROOM) return notOk('problem', 'disk', found, advice);
  if (free < LITTLE_ROOM) return notOk('warning', 'disk', found, advice);
  return ok('disk', found);
};
