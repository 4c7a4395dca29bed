/**
 * Check 20. What a vat throws, wherever and whatever, is an outcome for that vat
 * only: not for the daemon, not for another process, and not even for the vat
 * that is in the same process, which would lose its heap.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RpcError } from '@ocap/nodejs/client';
import { messageOf } from '@ocap/kernel-utils';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { launches, moreLaunches, odd, throws } from './tools/throwing-code.ts';

/** Longer than any timer of the table. */
const LATE_MS = 30;
const SETTLED_MS = 2000;

export const check: Check = {
  number: 20,
  id: 'vat-async-throw',
  title:
    'throws in timers, microtasks and methods, of odd values, and stack overflows',
  run: async ({ openDaemon, mode, note }) => {
    const daemon = await openDaemon();
    const facts: Fact[] = [];
    const pair = await launchPair(daemon);
    for (const [name, code, expected] of throws) {
      facts.push(...(await pair.provoke(name, code, expected)));
    }
    note(`${throws.length} throws`);
    for (const [name, body, expected] of mode === 'quick'
      ? launches
      : moreLaunches) {
      const found = await within(launch(daemon, body, 'own'));
      facts.push({
        fact: `${name}: ${expected}`,
        holds: expected.test(found),
        found,
      });
    }
    facts.push(await pair.neighbourGoesOn('all that'));
    // Into the process in which both are; a launch that fails must not end it.
    const bad = `throw ${odd['a proxy with throwing traps']};`;
    await within(launch(daemon, bad, 'shared'));
    facts.push(await pair.neighbourGoesOn('a launch beside it that fails'));
    facts.push(await pair.sameIncarnation());
    return judge(facts, { limit: 'an outcome for that vat only' });
  },
};

/** Evaluates code that throws, beside a vat in the same process that counts in its heap. */
const launchPair = async (daemon: ScoreDaemon) => {
  const offender = vatSource(`
    let neighbour;
    const odd = {${Object.entries(odd)
      .map(([name, code]) => `${JSON.stringify(name)}: () => (${code})`)
      .join(',')}};
    // Not in the compartment of the vat: what it throws comes from elsewhere, too.
    const evaluate = (code) => new Compartment({ odd, E, harden, makeDefaultExo, makePromiseKit, VatData, console, setTimeout, setInterval, clearInterval, neighbour: () => neighbour, watcher }).evaluate('(() => {' + code + '})()');
    if (!baggage.has('kind')) baggage.init('kind', VatData.makeKindHandle('Watcher'));
    const watcher = VatData.defineDurableKind(baggage.get('kind'), () => ({}), {
      onFulfilled: () => { throw Error('in a watcher'); }, onRejected: () => { throw null; } });
    return makeDefaultExo('Offender', {
      bootstrap: (vats) => { neighbour = vats.neighbour; return neighbour; },
      meet: (other) => { neighbour = other; },
      run: (code) => evaluate(code),
      alive: () => 'alive',
    });`);
  const counter = vatSource(`
    let n = 0;
    return makeDefaultExo('Neighbour', { count: () => { n += 1; return n; }, fail: () => { throw Error('no'); }, later: () => new Promise(() => {}) });`);
  const { rootKref, bootstrapResult, vats } = await daemon.launch({
    bootstrap: 'offender',
    vats: {
      offender: {
        bundleSpec: offender,
        globals: ['setTimeout', 'setInterval', 'clearInterval'],
        placement: 'shared',
      },
      neighbour: { bundleSpec: counter, placement: 'shared' },
    },
  });
  const neighbour = bootstrapResult?.slots[0] ?? '';
  let count = 0;

  const neighbourGoesOn = async (after: string): Promise<Fact> => {
    count += 1;
    const found = await within(daemon.client.call(neighbour, 'count'));
    const holds = found === `answered ${count}`;
    // From where it is: one loss is one fault, not one for each that follows.
    if (!holds) count = Number(/\d+$/u.exec(found)?.[0] ?? 0);
    return { fact: `${after}: the vat beside it keeps its heap`, holds, found };
  };

  return {
    neighbourGoesOn,
    provoke: async (
      name: string,
      code: string,
      expected: RegExp,
    ): Promise<readonly Fact[]> => {
      const found = await within(daemon.client.call(rootKref, 'run', code));
      if (/timer|late/u.test(name)) await delay(LATE_MS);
      const [alive, neighbour] = await Promise.all([
        within(daemon.client.call(rootKref, 'alive')),
        neighbourGoesOn(name),
      ]);
      return [
        { fact: `${name}: ${expected}`, holds: expected.test(found), found },
        {
          fact: `${name}: its vat can be called afterwards`,
          holds: alive === 'answered "alive"',
          found: alive,
        },
        neighbour,
      ];
    },
    sameIncarnation: async (): Promise<Fact> => {
      const status = await daemon.status();
      const found = status.vats.find(({ id }) => id === vats['neighbour']);
      return {
        fact: 'the vat beside it was never started again',
        holds: found?.incarnation === 1,
        found: `incarnation ${found?.incarnation}`,
      };
    },
  };
};

const launch = async (
  daemon: ScoreDaemon,
  body: string,
  placement: 'own' | 'shared',
): Promise<string> => {
  const { rootKref } = await daemon.launch({
    bootstrap: 'main',
    vats: {
      main: {
        bundleSpec: vatSource(body),
        globals: ['setTimeout'],
        placement,
      },
    },
  });
  await delay(LATE_MS);
  await daemon.client.call(rootKref, 'alive');
  return 'launched';
};

/** What came of it, as text; also that nothing did. */
const within = async (outcome: Promise<unknown>): Promise<string> => {
  const told = outcome.then(
    (value) => `answered ${JSON.stringify(value)?.slice(0, 200)}`,
    (thrown: unknown) =>
      thrown instanceof RpcError
        ? `rejected: ${thrown.message.slice(0, 200)}`
        : `lost: ${messageOf(thrown)}`,
  );
  const patience = new AbortController();
  const late = delay(SETTLED_MS, `nothing in ${SETTLED_MS} ms`, {
    signal: patience.signal,
  }).catch(() => '');
  return Promise.race([told, late]).finally(() => patience.abort());
};

await runAlone(import.meta.url, check);
