/**
 * Check 39. Hostile peers say to a daemon what no daemon would say, too much of
 * it, or nothing at all, over real connections. It must cost them and nobody
 * else: an honest daemon, whose calls go on meanwhile, does not notice.
 */
import type { Attack } from './attacks/attack.ts';
import { startAttackers } from './attacks/attackers.ts';
import { largeAttacks, smallAttacks } from './attacks/attacks.ts';
import { attackFacts } from './tools/attack-facts.ts';
import { openAttacked, type Attacked } from './tools/attacked-daemon.ts';
import type { Check, ScoreRun } from './tools/check.ts';
import { watchMemory, type MemoryWatch } from './tools/daemon-memory.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';

const P99_MS = 200;
/** The longest that an honest call may take while something large is worked off. */
const WORST_MS = 1000;
/** After such a wait there is no time for further attacks. */
const HOPELESS_MS = 10_000;
/**
 * Unfinished frames of all peers may take 96 MiB, for a moment twice as much
 * while one grows; one of 20 MiB at a time is there as bytes and as text.
 */
const MEMORY_MIB = 400;
/** Played at the same time, each by peers of its own. */
const LANES = 4;
/** A quick run has time for large attacks of this part of their size. */
const QUICK_SCALE = 1 / 32;
/** What is left of the time when no further attack begins, in ms. */
const END_MS = 5000;

export const check: Check = {
  number: 39,
  id: 'remote-attack',
  title: 'hostile peers forge, repeat, guess and flood over real connections',
  missing:
    'a quick run plays the large attacks at a thirty-second of their size',
  run: async (run) => {
    const scale = run.amount(QUICK_SCALE, 1);
    const attacked = await openAttacked(run.openDaemon, scale);
    const attackers = startAttackers();
    const play: Play = async (attack) => {
      const { target } = attacked;
      const order = { attack: attack.name, target, scale };
      return attackFacts(attacked, attack, await attackers.play(order));
    };
    try {
      const memory = watchMemory(attacked.daemon);
      const facts = [
        ...(await playSmall(run, attacked, play)),
        ...(await playLarge(run, { attacked, memory, play })),
      ];
      const { p99, facts: seen } = await attacked.bystander.end(P99_MS);
      facts.push(...seen, ...(await attacked.facts(arrivals)));
      const { now, peak } = memory.growth();
      const most = `at most +${peak.toFixed(0)} MiB`;
      facts.push({
        fact: `the daemon takes ${MEMORY_MIB} MiB more at most`,
        holds: peak < MEMORY_MIB,
        found: `${most}, at the end +${now.toFixed(0)} MiB`,
      });
      return judge(facts, {
        value: `p99 of an honest peer ${p99.toFixed(1)} ms, ${most}`,
        limit: `0 forged deliveries, exactly once, only attackers cut off, p99 < ${P99_MS} ms, < ${MEMORY_MIB} MiB`,
      });
    } finally {
      attackers.close();
    }
  },
};

type Play = (attack: Attack) => Promise<readonly Fact[]>;

/** What the object behind the token rightly hears of all of them. */
const arrivals = smallAttacks.reduce(
  (sum, { arrives = 0 }) => sum + arrives,
  0,
);

/** Several at the same time, as long as there are any. */
const playSmall = async (
  { note }: ScoreRun,
  { bystander }: Attacked,
  play: Play,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  const queue = [...smallAttacks];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      facts.push(...(await play(next)));
    }
  };
  const { worstMs } = await bystander.during(async () =>
    Promise.all(Array.from({ length: LANES }, lane)),
  );
  note(`${smallAttacks.length} small attacks: worst ${worstMs.toFixed(0)} ms`);
  return facts;
};

/** One after the other, each under watch. */
const playLarge = async (
  { note, timeLeftMs }: ScoreRun,
  {
    attacked: { bystander },
    memory,
    play,
  }: Readonly<{ attacked: Attacked; memory: MemoryWatch; play: Play }>,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  let played = 0;
  for (const attack of largeAttacks) {
    if (timeLeftMs() < END_MS) break;
    played += 1;
    const { worstMs } = await bystander.during(async () => {
      facts.push(...(await play(attack)));
    });
    const worst = `${worstMs.toFixed(0)} ms`;
    const { now, peak } = memory.growth();
    note(
      `${attack.name}: worst ${worst}, +${now.toFixed(0)} MiB, at most +${peak.toFixed(0)}`,
    );
    facts.push({
      fact: `a peer that ${attack.name}: an honest one waits ${WORST_MS} ms at most`,
      holds: worstMs < WORST_MS,
      found: worst,
    });
    if (worstMs > HOPELESS_MS) break;
  }
  facts.push({
    fact: 'there is time for all attacks',
    holds: played === largeAttacks.length,
    found: largeAttacks.slice(played).map(({ name }) => `not played: ${name}`),
  });
  return facts;
};

await runAlone(import.meta.url, check);
