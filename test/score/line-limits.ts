/**
 * Check 29. Lines that are too much: without end, too deep, too rich, and with
 * odd ids. Each cap is tried at N and at N + 1, and none of it may cost the
 * daemon memory to speak of.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@ocap/kernel-utils';
import { allowed, refused, type Line } from './lines/large-lines.ts';
import { oddIds, type OddId } from './lines/odd-ids.ts';
import type { Check } from './tools/check.ts';
import { watchMemory } from './tools/daemon-memory.ts';
import { judge, type Fact } from './tools/facts.ts';
import { askInside, lookInside } from './tools/inside-daemon.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { openWire, requestOf } from './tools/wire.ts';

const MiB = 1024 ** 2;
const GROWTH_MIB = 32;
/** What may be left of lines of 8 MB and more once they are answered. */
const LEFT_MIB = 2;
const SHOWN_CHARS = 100;

export const check: Check = {
  number: 29,
  id: 'line-limits',
  title: 'lines without end, too deep, too rich, and with odd ids',
  run: async ({ openDaemon, amount, timeLeftMs, note }) => {
    const daemon = await openDaemon(lookInside);
    const facts: Fact[] = [];
    // What is compiled for the first of all lines is not what a line costs.
    for (const id of oddIds) await withId(daemon, id);
    const rounds = amount(1, 10);
    let worst = 0;
    let ofFirst: number | undefined;
    for (let round = 0; round < rounds && timeLeftMs() > 5000; round += 1) {
      for (const id of oddIds) facts.push(await withId(daemon, id));
      for (const line of [...refused, ...allowed]) {
        const memory = watchMemory(daemon);
        facts.push(...(await say(daemon, line)));
        const { peak } = memory.growth();
        worst = Math.max(worst, peak);
        facts.push(grown(line.name, peak));
      }
      // What it occupies goes up and down with each collection.
      const { bytes } = await askInside(daemon);
      note(`round ${round}: it holds ${(bytes / MiB).toFixed(1)} MiB`);
      if (ofFirst !== undefined) {
        const left = (bytes - ofFirst) / MiB;
        facts.push(grown(`what ${round} more rounds leave`, left, LEFT_MIB));
      }
      ofFirst ??= bytes;
    }
    return judge(facts, {
      value: `+${worst.toFixed(0)} MiB`,
      limit: `N passes, N + 1 is refused, memory < +${GROWTH_MIB} MiB`,
    });
  },
};

const grown = (what: string, mebibytes: number, most = GROWTH_MIB): Fact => ({
  fact: `${what}: the daemon has grown by less than ${most} MiB`,
  holds: mebibytes < most,
  found: `${mebibytes.toFixed(1)} MiB`,
});

const say = async (
  { home }: ScoreDaemon,
  { name, parts, told, closes = false }: Line,
): Promise<readonly Fact[]> => {
  const wire = await openWire(home.socketPath);
  try {
    for (const part of parts()) {
      if (wire.socket.destroyed) break;
      wire.say(part);
    }
    const heard = await wire.hear();
    const facts = [
      {
        fact: `${name}: the answer is ${String(told)}`,
        holds: told.test(heard),
        found: heard,
      },
    ];
    if (!closes) wire.say(`${requestOf('next', 'ping')}\n`);
    const goesOn = closes
      ? await wire.ended()
      : (await wire.hear()).includes('"id":"next","result":"pong"');
    const what = closes ? 'ends' : 'goes on';
    return [
      ...facts,
      { fact: `${name}: the connection ${what}`, holds: goesOn },
    ];
  } finally {
    wire.close();
  }
};

/** A request with this id, and one after it by which silence is told. */
const withId = async (
  { home }: ScoreDaemon,
  { id, told }: OddId,
): Promise<Fact> => {
  const wire = await openWire(home.socketPath);
  const field = id === undefined ? '' : `"id":${id},`;
  wire.say(`{"jsonrpc":"2.0",${field}"method":"ping"}\n`);
  const shown = String(id).slice(0, SHOWN_CHARS);
  if (told === 'silence') wire.say(`${requestOf('next', 'ping')}\n`);
  const heard = await wire.hear();
  wire.close();
  return {
    fact: `the id ${shown}: ${told}`,
    holds: isDeepStrictEqual(parse(heard), expected(id, told)),
    found: heard.slice(0, SHOWN_CHARS),
  };
};

const expected = (id: string | undefined, told: OddId['told']): Json => {
  if (told === 'refused') {
    const message = 'Invalid request: "id" must be a string, a number or null';
    return { jsonrpc: '2.0', id: null, error: { code: -32600, message } };
  }
  const answered = told === 'silence' ? 'next' : known(id ?? '');
  return { jsonrpc: '2.0', id: answered, result: 'pong' };
};

/** -0 and 0 are one number to JSON-RPC, and `JSON.stringify` writes both as 0. */
const known = (id: string): Json =>
  id === '-0' ? 0 : (JSON.parse(id) as Json);

const parse = (line: string): Json => {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return line;
  }
};

await runAlone(import.meta.url, check);
