/**
 * Check 25. Everything that a vat can reach from its global, its powers and what
 * it may ask for, compared with committed lists; and errors of every origin, in
 * which no path of this machine may be found.
 *
 * The lists of vats without globals are those of the unit tests. The one with
 * globals is kept here; `UPDATE_CENSUS=1 node test/score/globals-census.ts`
 * writes it anew, for somebody to read and commit.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf, type Json } from '@ocap/kernel-utils';
import { censusSource } from '../../packages/nodejs/src/testing/census-vat.ts';
import { repositoryRoot } from '../support/home.ts';
import type { Check } from './tools/check.ts';
import { errorSources } from './tools/error-sources.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchVat, type LaunchedVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const list = (name: string): URL =>
  new URL(
    `../../packages/nodejs/src/__snapshots__/${name}.txt`,
    import.meta.url,
  );
const withGlobals = new URL(
  'snapshots/census-with-globals.txt',
  import.meta.url,
);

const granted = [
  'AbortController',
  'AbortSignal',
  'Date',
  'Math',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'setInterval',
  'setTimeout',
] as const;

export const check: Check = {
  number: 25,
  id: 'globals-census',
  title: 'everything reachable from a vat’s global, and paths in its errors',
  run: async ({ openDaemon, amount }) => {
    const daemon = await openDaemon();
    const facts: Fact[] = [];
    const plain = await launchVat(daemon, censusSource);
    facts.push(await matches(daemon, plain, 'census', list('vat-census')));
    facts.push(await matches(daemon, plain, 'powers', list('vat-powers')));
    facts.push(...(await probes(daemon, plain, 'without globals')));

    const rich = await launchVat(daemon, censusSource, { globals: granted });
    facts.push(await matches(daemon, rich, 'census', withGlobals));
    facts.push(...(await probes(daemon, rich, 'with all globals')));

    const first = await linesOf(daemon, plain, 'census');
    for (const placement of ['own', 'subcluster', 'shared'] as const) {
      const other = await launchVat(daemon, censusSource, { placement });
      facts.push({
        fact: `a vat in a process by placement ${placement} reaches the same`,
        holds: (await linesOf(daemon, other, 'census')) === first,
      });
    }
    for (let restart = amount(1, 10); restart > 0; restart -= 1) {
      await daemon.kill();
      await daemon.start();
      facts.push({
        fact: 'after a restart it reaches the same',
        holds: (await linesOf(daemon, plain, 'census')) === first,
      });
    }
    facts.push(...(await stacks(daemon)));
    return judge(facts, {
      value: `${first.split('\n').length} things, ${Object.keys(errorSources).length} origins of errors`,
      limit: 'equal to a committed snapshot; no host path in a stack',
    });
  },
};

const linesOf = async (
  { client }: ScoreDaemon,
  { root }: LaunchedVat,
  method: string,
): Promise<string> =>
  `${((await client.call(root, method)) as string[]).join('\n')}\n`;

const matches = async (
  daemon: ScoreDaemon,
  vat: LaunchedVat,
  method: string,
  file: URL,
): Promise<Fact> => {
  const found = await linesOf(daemon, vat, method);
  if (process.env['UPDATE_CENSUS'] === '1' && file === withGlobals) {
    writeFileSync(file, found);
  }
  const wanted = readFileSync(file, 'utf8');
  const lines = new Set(wanted.split('\n'));
  const foundLines = new Set(found.split('\n'));
  return {
    fact: `what is found is ${file.pathname.split('/').pop()}`,
    holds: found === wanted,
    found: [
      ...[...foundLines]
        .filter((line) => !lines.has(line))
        .map((line) => `+ ${line}`),
      ...[...lines]
        .filter((line) => !foundLines.has(line))
        .map((line) => `- ${line}`),
    ].slice(0, 10),
  };
};

/** What no list can show: what functions do. */
const probes = async (
  { client }: ScoreDaemon,
  { root }: LaunchedVat,
  what: string,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  const expected: Readonly<Record<string, Json>> = {
    // A function that evaluates code elsewhere; one of another realm; host code as text.
    escapes: [],
    odd: [],
    sources: [],
    mutable: ['globalThis: mutable object'],
    lockdown: ['threw', 'TypeError'],
    stack: ['returned', 'string'],
  };
  for (const [probe, wanted] of Object.entries(expected)) {
    const found = (await client.call(root, probe).catch(messageOf)) as Json;
    facts.push({
      fact: `${what}, ${probe}: ${JSON.stringify(wanted)}`,
      holds: JSON.stringify(found) === JSON.stringify(wanted),
      found,
    });
  }
  return facts;
};

/** A path, a URL of a file or a module of Node, or a frame of a file. */
const hostPath =
  /(?:file:\/\/|node:\w|\/(?:work|home|usr|tmp|root|opt|var|proc)\/|\.[cm]?[jt]s:\d+|node_modules|vat-host)/u;

/** Whatever a vat can get at of an error, and what its caller is told. */
const stacks = async (daemon: ScoreDaemon): Promise<readonly Fact[]> => {
  const { root } = await launchVat(
    daemon,
    `
    const sources = {${Object.entries(errorSources)
      .map(([name, code]) => `${JSON.stringify(name)}: async () => { ${code} }`)
      .join(',\n')}};
    const attempt = (f) => { try { return f(); } catch (e) { return 'threw ' + String(e); } };
    const seen = new Set();
    const tell = (value, depth) => {
      if (typeof value !== 'object' && typeof value !== 'function') return String(value);
      if (value === null || depth > 4 || seen.has(value)) return '';
      seen.add(value);
      const texts = [attempt(() => String(value)), attempt(() => JSON.stringify(value)), attempt(() => Function.prototype.toString.call(value))];
      for (const key of ['stack', 'message', 'cause', 'errors', ...attempt(() => Reflect.ownKeys(value)) ]) texts.push(String(key), tell(attempt(() => value[key]), depth + 1));
      return texts.join('\\n');
    };
    return makeDefaultExo('Errors', {
      tell: async (name) => { seen.clear(); try { await sources[name](); return 'nothing was thrown'; } catch (error) { return tell(error, 0); } },
      pass: (name) => sources[name](),
    });`,
  );
  const paths = [daemon.home.dir, repositoryRoot];
  const facts: Fact[] = [];
  for (const name of Object.keys(errorSources)) {
    const seen = String(
      await daemon.client.call(root, 'tell', name).catch(messageOf),
    );
    const told = await daemon.client
      .send(root, 'pass', [name])
      .then(({ body }) => body, messageOf);
    for (const [who, text] of [
      ['the vat', seen],
      ['its caller', told],
    ] as const) {
      const found =
        hostPath.exec(text)?.[0] ?? paths.find((path) => text.includes(path));
      facts.push({
        fact: `${name}: ${who} sees no path of this machine`,
        holds: found === undefined && text !== 'nothing was thrown',
        found: found === undefined ? text : `${found} in ${text}`,
      });
    }
  }
  return facts;
};

await runAlone(import.meta.url, check);
