/**
 * Check 9. The daemon may not make its files larger than some size (what
 * `ulimit -f` sets), which its log and then its database reach. The log costs
 * nothing but its old lines; of the database the same is demanded as on a full
 * disk.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { makeRandom } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { factThat, judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { linesOfLogs, logFilesOf } from './tools/log-files.ts';
import { playWithoutRoom, RESUME_MS, type Room } from './tools/no-room.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

/** What the log is larger than, and the database is not. */
const LOG_LIMIT_BYTES = 768 * 1024;
/** What the database is larger than before long. */
const LIMIT_BYTES = 64 * 1024;

const talker = `
  return makeDefaultExo('Talker', { talk: (word, n) => {
    for (let i = 0; i < n; i += 1) console.log(word, i, 'y'.repeat(1000));
    return 'told';
  } });`;

export const check: Check = {
  number: 9,
  id: 'fsize-limit',
  title: 'the log and the database reach the size that files may have',
  run: async ({ openDaemon, amount, seed, note }) => {
    const daemon = await openDaemon();
    const log = await logFacts(daemon);
    const played = await playWithoutRoom(daemon, roomOf(daemon), {
      rounds: amount(3, 60),
      random: makeRandom(seed),
      note,
    });
    const slowest = Math.max(...played.resumedMs);
    return judge([...log, ...played.facts], {
      value: `${played.resumedMs.length} times at the limit, ${played.transfers} transfers, ${played.putOff} put off, resumed in ${slowest.toFixed(0)} ms at most`,
      limit: `a full log stops nothing; refused with STORAGE_FULL, getStatus answered, resumes in < ${RESUME_MS / 1000} s, ledger exact`,
    });
  },
};

/** The soft limit of its process, as it is at that moment. */
const limitFiles = (
  { home }: ScoreDaemon,
  bytes: number | 'unlimited',
): void => {
  const pid = home.daemonPid();
  // The next one begins without a limit.
  if (pid === undefined) return;
  const words = ['--pid', `${pid}`, `--fsize=${bytes}:`];
  const { status, stderr } = spawnSync('prlimit', words, { encoding: 'utf8' });
  if (status !== 0) throw Error(`prlimit has failed: ${stderr}`);
};

const roomOf = (daemon: ScoreDaemon): Room => ({
  take: (left) => limitFiles(daemon, LIMIT_BYTES + left),
  give: () => limitFiles(daemon, 'unlimited'),
});

const logFacts = async (daemon: ScoreDaemon): Promise<readonly Fact[]> => {
  const { home, client } = daemon;
  const { root } = await launchVat(daemon, talker);
  await client.rpc('setName', ['talker', root]);
  await client.call(root, 'talk', 'before', 900);
  await daemon.stop();
  // With a log of its database that begins anew, too.
  await daemon.start();
  const pid = daemon.pid();
  const { size } = statSync(home.logPath);
  limitFiles(daemon, LOG_LIMIT_BYTES);
  const facts: Fact[] = [
    {
      fact: 'the log is larger than files may be',
      holds: size > LOG_LIMIT_BYTES,
      found: size,
    },
  ];
  for (let times = 1; times <= 3; times += 1) {
    const talk = client.call('talker', 'talk', `limited ${times}`, 300);
    facts.push(
      await factThat(
        `the log is at its limit: call ${times} is answered`,
        talk,
      ),
    );
  }
  limitFiles(daemon, 'unlimited');
  await client.call('talker', 'talk', 'after', 3);
  const lines = linesOfLogs(home);
  const told = lines.map(({ msg }) => String(msg).slice(0, 12));
  return [
    ...facts,
    {
      fact: 'the log is at its limit: it is the same process',
      holds: home.daemonPid() === pid,
    },
    {
      fact: 'the log begins anew where it may not grow',
      holds: logFilesOf(home).length > 1,
    },
    {
      fact: 'the log has what was written at the limit',
      holds: told.filter((text) => text.startsWith('limited 3')).length === 300,
    },
    {
      fact: 'the log goes on without a limit',
      holds: readFileSync(home.logPath, 'utf8').includes('after 2 y'),
    },
    {
      fact: 'each of its lines is whole',
      holds: lines.every(({ msg }) => msg !== undefined),
    },
  ];
};

await runAlone(import.meta.url, check);
