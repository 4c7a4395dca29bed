/**
 * Check 18. Vats that never give the processor back, in every place where code
 * of theirs runs. They must be stopped, whoever waits for them be told, and
 * nobody else notice; also after a restart, which delivers the same message, and
 * also while a third one floods a fourth.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RpcError } from '@ocap/nodejs/client';
import { limits, messageOf } from '@ocap/kernel-utils';
import { isAlive } from '../support/processes.ts';
import { openBystander } from './tools/bystander.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { beginFlood } from './tools/flood.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const P99_MS = 100;
/** What a vat may be given less of: for quick mode, so that all of it fits in. */
const deadlines = { quick: 5000, full: limits.deliveryMs.value };
const GRACE_MS = 2000;
/** How long latency is measured where there is no time for more. */
const QUICK_WATCH_MS = 3000;
/** Fewer, in all the time that the other vat spins, are no flood. */
const FLOOD_MESSAGES = 5000;

const restarts = ['kill', 'stop'] as const;
const quickRestarts = restarts.slice(0, 1);

/** Each runs for hours at least; what it stands for, and its code. */
const spins: Readonly<Record<string, string>> = {
  'endless loop': 'for (;;);',
  // That keeps nothing: memory is the matter of another check.
  'microtask loop':
    'const again = () => { Promise.resolve().then(again); }; again(); return new Promise(() => {});',
  regex: `return /^(a+)+$/.test('a'.repeat(60) + 'b');`,
  sort: `return Array.from({ length: 100000 }, (_, i) => -i).sort((a, b) => { for (let i = 0; i < 1e9; i += 1); return a - b; }).length;`,
  'sparse-array indexOf': `const sparse = []; sparse[2 ** 32 - 2] = 1; for (;;) sparse.indexOf(2);`,
  'indexOf of what is like an array':
    'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);',
  'power of a bigint': 'for (;;) String(7n ** (2n ** 26n));',
};
const kinds = Object.keys(spins);

/** `where` is the place in which it spins at once; otherwise its method does on request. */
const spinner = (kind = 'none', where = 'nowhere'): string => `
  const spins = { none: () => {}, ${kinds.map((name) => `${JSON.stringify(name)}: () => { ${spins[name]} }`).join(', ')} };
  const at = (place) => (place === '${where}' ? spins[${JSON.stringify(kind)}]() : undefined);
  if (!baggage.has('n')) baggage.init('n', 0);
  const root = makeDefaultExo('Spinner', {
    bootstrap: () => at('bootstrap'),
    spin: (name) => { baggage.set('n', baggage.get('n') + 1); return spins[name](); },
    spun: () => baggage.get('n'),
  });
  const spinning = at('buildRootObject');
  return spinning === undefined ? root : spinning.then(() => root);`;

type End = Readonly<{ problem: string; ms: number }>;

/** How a call that must not be answered with a value was answered. */
const endOf = async (call: Promise<unknown>): Promise<End> => {
  const begun = performance.now();
  const problem = await call.then(
    (value) => `answered with ${JSON.stringify(value)}`,
    // Whatever else it is, it does not come from the daemon.
    (thrown: unknown) =>
      thrown instanceof RpcError
        ? thrown.message
        : `lost: ${messageOf(thrown)}`,
  );
  return { problem, ms: performance.now() - begun };
};

/** Told what happened, and in time. */
const endFacts = (
  what: string,
  { problem, ms }: End,
  deadlineMs: number,
): readonly Fact[] => [
  {
    fact: `${what}: the caller is told that it ran too long`,
    holds: /ran longer than|deadline/iu.test(problem),
    found: problem,
  },
  {
    fact: `${what}: ended within its deadline and 2 s`,
    holds: ms < deadlineMs + GRACE_MS,
    found: `after ${Math.round(ms)} ms`,
  },
];

export const check: Check = {
  number: 18,
  id: 'vat-spin',
  title: 'vats that spin in a method, in bootstrap and in buildRootObject',
  run: async ({ openDaemon, mode, note }) => {
    const daemon = await openDaemon();
    const bystander = await openBystander(daemon, P99_MS);
    const deadlineMs = deadlines[mode];
    const { launch, allEnds, endsOfCrowd, inAllPlaces, crowd } = makeSpins(
      daemon,
      deadlineMs,
    );
    const facts: Fact[] = [];
    let worst = 0;
    /** Somebody else calls another vat meanwhile, or for so many ms of it. */
    const watch = async (
      name: string,
      acts: Acts,
      ms?: number,
    ): Promise<Ends> => {
      note(`${name}: ${acts.map(({ what }) => what).join(', ')}`);
      const watching = bystander.watch();
      const told = allEnds(name, acts);
      await (ms === undefined ? told : delay(ms));
      const { p99, facts: found } = await watching.end();
      worst = Math.max(worst, p99);
      facts.push(...found.map((fact) => prefixed(name, fact)));
      return { told };
    };

    for (const how of mode === 'quick' ? quickRestarts : restarts) {
      const root = await launch();
      const again = await restartUnder(daemon, root, how);
      const same: Acts = [{ what: 'the same message', act: again }];
      // Together they have no bound for others: they are more than processors.
      const rest = mode === 'quick' ? await crowd() : [];
      const ms = mode === 'quick' ? QUICK_WATCH_MS : undefined;
      const { told } = await watch(`after ${how}`, same, ms);
      const others = await endsOfCrowd(rest);
      facts.push(...(await told), ...others);
      facts.push(...(await aftermath(daemon, root)));
    }
    if (mode === 'full') {
      for (const kind of kinds) {
        const [inMethod, ...elsewhere] = await inAllPlaces(kind);
        const alone = await watch('alone', inMethod ? [inMethod] : []);
        const two = await watch('two', elsewhere);
        facts.push(...(await alone.told), ...(await two.told));
      }
      const flood = await beginFlood(daemon);
      const flooded = await watch('beside a flood', [
        {
          what: 'endless loop',
          act: async () =>
            daemon.client.call(await launch(), 'spin', 'endless loop'),
        },
      ]);
      const messages = await flood.end();
      facts.push(...(await flooded.told), {
        fact: `a flood, of ${FLOOD_MESSAGES} messages at least`,
        holds: messages >= FLOOD_MESSAGES,
        found: messages,
      });
      facts.push(...(await endsOfCrowd(await crowd())));
    }
    facts.push(await noneSpins(daemon));
    return judge(facts, {
      value: `p99 ${worst.toFixed(1)} ms`,
      limit: `p99 < ${P99_MS} ms, ended < ${(deadlineMs + GRACE_MS) / 1000} s, callers told, same daemon`,
    });
  },
};

/** What must end with a refusal. */
type Act = Readonly<{
  what: string;
  act: () => Promise<unknown>;
  /** A host has to start first: its deadline begins after that. */
  isLaunch?: boolean;
}>;
/** What is to be done at once. */
type Acts = readonly Act[];
/** In an object, so that a promise of it is not the promise of the ends. */
type Ends = Readonly<{ told: Promise<readonly Fact[]> }>;

const prefixed = (name: string, { fact, ...rest }: Fact): Fact => ({
  fact: `${name}, ${fact}`,
  ...rest,
});

/** Vats that spin, each with so much time for a delivery. */
const makeSpins = (daemon: ScoreDaemon, deadlineMs: number) => {
  const launch = async (kind?: string, where?: string): Promise<string> => {
    const limits = { deliveryMs: deadlineMs };
    return (await launchVat(daemon, spinner(kind, where), { limits })).root;
  };

  const allEnds = async (
    name: string,
    acts: Acts,
    launchMs: () => Promise<number> = async () => 0,
  ): Promise<readonly Fact[]> => {
    const ending = acts.map(async ({ what, act, isLaunch = false }) => ({
      what,
      isLaunch,
      end: await endOf(act()),
    }));
    const launchedIn = await launchMs();
    return (await Promise.all(ending))
      .flatMap(({ what, isLaunch, end }) =>
        endFacts(what, end, deadlineMs + (isLaunch ? launchedIn : 0)),
      )
      .map((fact) => prefixed(name, fact));
  };

  /**
   * As many that spin as these leave little for a host that has to start: so
   * much as it takes for one whose vat does not spin, it may take for the others.
   */
  const endsOfCrowd = async (acts: Acts): Promise<readonly Fact[]> => {
    if (acts.length === 0) return [];
    return allEnds('together', acts, async () => {
      const begun = performance.now();
      await launch();
      return performance.now() - begun;
    });
  };

  /** One kind in each place, each in a vat of its own. */
  const inAllPlaces = async (kind: string): Promise<Acts> => {
    const root = await launch();
    const launching = (where: string): Act => ({
      what: `${kind} in ${where}`,
      act: async () => launch(kind, where),
      isLaunch: true,
    });
    return [
      {
        what: `${kind} in a method`,
        act: async () => daemon.client.call(root, 'spin', kind),
      },
      launching('bootstrap'),
      launching('buildRootObject'),
    ];
  };

  /** All kinds in methods, and some where it takes a launch. */
  const crowd = async (): Promise<Acts> => {
    const acts: Act[] = [];
    for (const [i, kind] of kinds.entries()) {
      const all = await inAllPlaces(kind);
      acts.push(...all.slice(0, i < 2 ? all.length : 1));
    }
    return acts;
  };

  return { launch, allEnds, endsOfCrowd, inAllPlaces, crowd };
};

const noneSpins = async (daemon: ScoreDaemon): Promise<Fact> => {
  const spinning = await spinningHosts(daemon);
  return {
    fact: 'no process spins any more',
    holds: spinning.length === 0,
    found: spinning,
  };
};

/** Restarts the daemon under a message that spins; returns how to ask for its answer again. */
const restartUnder = async (
  daemon: ScoreDaemon,
  root: string,
  how: (typeof restarts)[number],
): Promise<() => Promise<unknown>> => {
  const ask = async (): Promise<unknown> =>
    daemon.client.send(root, 'spin', ['endless loop'], `spin under ${how}`);
  const lost = ask().catch(messageOf);
  while ((await spinningHosts(daemon)).length === 0) await delay(20);
  await daemon[how]();
  await lost;
  await daemon.start();
  return ask;
};

const spinningHosts = async (daemon: ScoreDaemon): Promise<number[]> => {
  const { vats } = await daemon.status();
  return vats.flatMap(({ state, host }) =>
    state === 'busy' && host !== undefined && isAlive(host.pid)
      ? [host.pid]
      : [],
  );
};

/** The message is gone for good, nothing of it was kept, and its vat can be called. */
const aftermath = async (
  daemon: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  await daemon.kill();
  await daemon.start();
  const waiting = await daemon.query('SELECT count(*) AS n FROM inbox');
  const spun = await daemon.client.call(root, 'spun').catch(messageOf);
  return [
    {
      fact: 'a message that was stopped is not delivered a third time',
      holds: waiting[0]?.['n'] === 0,
      found: JSON.stringify(waiting),
    },
    {
      fact: 'a vat that was stopped is what it was before, and can be called',
      holds: spun === 0,
      found: String(spun),
    },
  ];
};

await runAlone(import.meta.url, check);
