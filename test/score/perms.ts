/**
 * Check 37. A home is for its owner only, whatever the umask, however it was
 * made, and from the first instant: it is looked at all the time while a daemon
 * starts, also by another user, who tries to get something out of it. What
 * others have put into a home must not be used.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ocapBin } from '../support/home.ts';
import { makeRandom } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { openModeEye, type Seen } from './tools/mode-eye.ts';
import {
  canBeAnother,
  openOtherUser,
  type OtherUser,
} from './tools/other-user.ts';
import { intrudedFacts } from './tools/intruded-homes.ts';
import { openPlace, type Place } from './tools/place.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const quickMasks = ['000'];
const digits = ['0', '2', '4', '7'];
const masks = digits.flatMap((group) =>
  digits.map((others) => `0${group}${others}`),
);

export const check: Check = {
  number: 37,
  id: 'perms',
  title: 'umasks, open and linked homes, and what another user gets',
  missing: canBeAnother
    ? 'a quick run tries one umask, one command and one gift of another user'
    : 'only root on Linux can have processes of another user: who runs this is not, so nobody else has tried to get in',
  run: async ({ openDaemon, mode, seed, amount, note }) => {
    const daemon = await openDaemon();
    const other = canBeAnother ? await openOtherUser() : undefined;
    const facts: Fact[] = [];
    let looks = 0;
    try {
      const tries = (mode === 'full' ? masks : quickMasks).map((mask): Try => ({
        name: `umask ${mask}`,
        mask,
      }));
      const words = mode === 'full' ? makers : makers.slice(0, 1);
      for (const one of [...tries, ...openHomes]) {
        const { facts: found, looks: more } = await startAndLook(
          { ...one, words },
          other,
        );
        note(`${one.name}: looked ${more} times`);
        looks += more;
        facts.push(...found);
      }
      if (other !== undefined) {
        const gifts = amount(1, Infinity);
        facts.push(...(await intrudedFacts(other, gifts, makeRandom(seed))));
        facts.push(...(await besiege(daemon, other)));
      }
    } finally {
      await other?.close();
    }
    return judge(facts, {
      value: `looked ${looks} times`,
      limit: '0700 / 0600 from the first instant, another user gets nothing',
    });
  },
};

type Try = Readonly<{
  name: string;
  mask: string;
  /** How the home is there before the first command; not at all by default. */
  prepare?: (place: Place) => void;
  /** What its own mode may also be, since it was before. */
  before?: string;
}>;

const openHomes: readonly Try[] = [
  {
    name: 'a home made 0777',
    mask: '000',
    before: '777',
    prepare: ({ dir }) => {
      mkdirSync(dir);
      chmodSync(dir, 0o777);
    },
  },
  {
    name: 'a linked home',
    mask: '022',
    before: '755',
    prepare: ({ dir }) => {
      mkdirSync(`${dir}.t`);
      symlinkSync(`${dir}.t`, dir);
    },
  },
];

/** All that makes files in a home. */
const makers = [
  ['daemon', 'start'],
  ['daemon', 'identity'],
  ['relay', 'start', '--host=127.0.0.1', '--tcp-port=0', '--ws-port=0'],
  ['daemon', 'exec', 'getStatus'],
];

/** What is seen while files are made in a home, and afterwards. */
const startAndLook = async (
  {
    name,
    mask,
    prepare,
    before,
    words,
  }: Try & Readonly<{ words: typeof makers }>,
  other: OtherUser | undefined,
): Promise<Readonly<{ facts: readonly Fact[]; looks: number }>> => {
  const place = openPlace();
  prepare?.(place);
  const target = name.includes('linked') ? `${place.dir}.t` : place.dir;
  const eyes = [
    await openModeEye({ home: target }),
    ...(other === undefined
      ? []
      : [
          await openModeEye({
            home: target,
            uid: other.uid,
            node: other.node,
          }),
        ]),
  ];
  const facts: Fact[] = [];
  try {
    for (const command of words) {
      const { code, stderr } = await place.ocap(command, mask);
      facts.push({
        fact: `${name}: ocap ${command.join(' ')} succeeds`,
        holds: code === 0,
        found: `${code}: ${stderr}`,
      });
    }
    const seen: Seen[] = [];
    for (const eye of eyes) seen.push(await eye.close());
    const now = place.modes().filter((line) => !isPrivate(line));
    facts.push(
      {
        fact: `${name}: everything is 0700 or 0600`,
        holds: now.length === 0,
        found: now,
      },
      ...seenFacts(name, seen, before),
    );
    return { facts, looks: seen.reduce((sum, { looks }) => sum + looks, 0) };
  } finally {
    await place.close();
    rmSync(`${place.dir}.t`, { recursive: true, force: true });
  }
};

const seenFacts = (
  name: string,
  seen: readonly Seen[],
  before: string | undefined,
): readonly Fact[] => {
  const open = seen
    .flatMap(({ modes }) => modes)
    .filter((line) => !isPrivate(line) && line !== `. ${before}`);
  const got = seen.flatMap((one) => one.got);
  return [
    {
      fact: `${name}: everything has been 0700 or 0600 all the time`,
      holds: open.length === 0,
      found: open,
    },
    {
      fact: `${name}: another user has got nothing meanwhile`,
      holds: got.length === 0,
      found: got,
    },
    {
      fact: `${name}: somebody has looked`,
      holds: seen.every(({ looks, modes }) => looks > 100 && modes.length > 0),
      found: seen.map(({ looks }) => looks),
    },
  ];
};

/** Folders are its own and that of the relay; all else are files and sockets. */
const isPrivate = (line: string): boolean =>
  /^(?:\.|relay) 700$/u.test(line) || /^(?!\. |relay )\S+ 600$/u.test(line);

/** Another user at a daemon that runs: with the files, the socket, and our own commands. */
const besiege = async (
  { home, pid }: ScoreDaemon,
  other: OtherUser,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  const { text } = await other.run(attemptsAt(pid()), home.dir);
  for (const line of text.trim().split('\n')) {
    const [name = '', outcome = ''] = line.split(': ');
    facts.push({
      fact: `another user cannot ${name}`,
      holds: /^(?:EACCES|EPERM)$/u.test(outcome),
      found: outcome,
    });
  }
  const env = { OCAP_HOME: home.dir };
  for (const words of commands) {
    const { code, text } = await other.runFile([ocapBin, ...words], env);
    facts.push({
      fact: `another user cannot say ocap ${words.join(' ')}`,
      holds: code !== 0 && /EACCES|EPERM|permission|another user/iu.test(text),
      found: `${code}: ${text}`,
    });
  }
  // Or all of this would only show that they cannot run it.
  const elsewhere = { OCAP_HOME: join('/nonexistent', 'home') };
  const control = await other.runFile([ocapBin, 'daemon', 'status'], elsewhere);
  facts.push({
    fact: 'another user can run ocap',
    holds: control.code === 0,
    found: `${control.code}: ${control.text}`,
  });
  return facts;
};

/** Prints of each what came of it: the code of the refusal. */
const attemptsAt = (pid: number): string => `
  const fs = require('node:fs'); const { join } = require('node:path');
  const [home] = process.argv.slice(1); const at = (name) => join(home, name);
  const attempt = (name, act) => {
    let outcome = 'done';
    try { act(); } catch ({ code }) { outcome = code; }
    console.log(name + ': ' + outcome);
  };
  attempt('list a home', () => fs.readdirSync(home));
  attempt('make a file there', () => fs.writeFileSync(at('x'), ''));
  attempt('delete its socket', () => fs.unlinkSync(at('daemon.sock')));
  attempt('rename it', () => fs.renameSync(home, home + 'x'));
  attempt('open it', () => fs.chmodSync(home, 0o777));
  attempt('signal its daemon', () => process.kill(${pid}, 'SIGTERM'));
  for (const name of ['kernel.sqlite', 'daemon.log', 'daemon.pid', 'daemon.lock'])
    attempt('read ' + name, () => fs.readFileSync(at(name)));
  require('node:net').connect(at('daemon.sock'))
    .on('connect', () => { console.log('connect: done'); process.exit(); })
    .on('error', ({ code }) => console.log('connect: ' + code));`;

const commands = [
  ['daemon', 'status'],
  ['daemon', 'start'],
  ['daemon', 'exec', 'getStatus'],
  ['daemon', 'logs'],
  ['daemon', 'identity', 'backup'],
  ['daemon', 'stop'],
  ['daemon', 'purge', '--force'],
];

await runAlone(import.meta.url, check);
