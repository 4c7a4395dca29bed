/** One probe in a simple sandbox. Tells its parent what it was seen to gain. */
import { inspect } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { Gain } from './probe.ts';
import type { Place } from './without-walls.ts';
import { realmTools } from './realm-tools.ts';

const { code, place } = workerData as Readonly<{ code: string; place: Place }>;
const port = parentPort;
const SECRET = 'the secret of the neighbour';

type Findings = Readonly<{
  found: readonly string[];
  texts: string;
  wrong: readonly string[];
}>;

/** Of the host, as sandboxes hand it in. */
const given = (): object => ({
  things: [
    ...[setTimeout, clearTimeout, structuredClone, URL, TextEncoder],
    ...[Buffer.from, Buffer.alloc, atob, btoa],
    (value: unknown) => void inspect(value, { showProxy: false }),
    (value: unknown) => `${value as string}`,
  ],
  fails: [
    () => new URL('nonsense'),
    () => Buffer.from(1 as never),
    () => structuredClone(() => undefined),
    () => JSON.parse('{'),
  ],
  call: (f: (value: unknown) => unknown) =>
    Reflect.apply(f, { held: [] }, [{}]),
  promise: Promise.resolve({ held: [] }),
  rejected: Promise.reject(Error('x')),
  list: [1, 2, 3],
});

/** Runs in the realm of the probe; sloppy, as the code of sandboxes often is. */
const program = `
  ${realmTools}
  const taker = makeTaker();
  const language = { Object, Array, Function, Promise, Map, Set, WeakMap, WeakSet, RegExp, Error, TypeError, RangeError, JSON, Math, Reflect, Symbol, String, Number, Uint8Array };
  const kept = makeNeighbour(secret, { ...language, ...{ things: given.things, buffer: given.things[5] } });
  given.rejected.catch(() => {});
  kept.begin();
  return (async () => {
    let wrong = [];
    try { await run(taker.take, given, kept.exported); } catch {}
    try { wrong = await kept.check(); } catch (error) { wrong = ['it broke: ' + error]; }
    let seen = { found: [], texts: '' };
    try { seen = await taker.examine(); } catch {}
    return JSON.stringify({ ...seen, wrong });
  })();`;

const probe = `return async function (take, given, neighbour) { ${code}\n};`;

const inContext = async (): Promise<string> => {
  const context = createContext({});
  const make = (names: string, body: string): unknown =>
    runInContext(`(function (${names}) { ${body} })`, context);
  const run = (make('', probe) as () => unknown)();
  const begin = make('secret, given, run', program) as Program;
  return begin(SECRET, given(), run);
};

type Program = (
  secret: string,
  things: object,
  run: unknown,
) => Promise<string>;

/** Names that simple sandboxes hide by parameters. */
const hidden = ['process', 'require', 'global', 'Buffer', 'globalThis'];

const inSameRealm = async (): Promise<string> => {
  const run: unknown = new Function(...hidden, probe)(
    ...hidden.map((name) => (name === 'globalThis' ? {} : undefined)),
  );
  const begin = new Function('secret', 'given', 'run', program) as Program;
  return begin(SECRET, given(), run);
};

const gainsIn = (text: string): readonly Gain[] => {
  const { found, texts, wrong } = JSON.parse(text) as Findings;
  return [
    ...(found.length > 0 ? (['host'] as const) : []),
    ...(wrong.length > 0 ? (['shared'] as const) : []),
    ...(texts.includes(SECRET) ? (['secret'] as const) : []),
  ];
};

process.on('unhandledRejection', () => undefined);
const begin = place === 'realm' ? inSameRealm : inContext;
port?.postMessage(gainsIn(await begin()));
