/**
 * A vat host in the wrong hands. It takes the place of the real one in a copy of
 * the build: vats whose bundle says "compromised" are played here, over the same
 * pipes and under the same confinement; every other vat runs in the real host.
 *
 * A compromised vat has the method `play`, whose first argument is a script:
 * what to say on the pipes, line by line and unchecked (see `script.ts`). It
 * remembers the references that come with `take`.
 * Only what Node brings along: the process may read nothing but its own folder.
 */
import { readSync, writeSync } from 'node:fs';
import net, { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';

const FRAMES_FD = 3;
const READS_FD = 4;

type Frame = Readonly<{
  type: string;
  vat: string;
  seq: number;
  bundle?: string;
  delivery?: readonly [string, string, Message];
}>;
type Message = Readonly<{
  methargs: Readonly<{ body: string; slots: readonly string[] }>;
  result: string | null;
}>;
type Script = Readonly<{
  frames: readonly string[];
  reads: readonly string[];
  delayMs: number;
}>;

const frames = new Socket({ fd: FRAMES_FD });
frames.on('error', () => process.exit(1));
frames.on('close', () => process.exit(0));
const RAW = 'base64:';
const say = (line: string): boolean =>
  line.startsWith(RAW)
    ? frames.write(
        `${Buffer.from(line.slice(RAW.length), 'base64').toString('latin1')}\n`,
        'latin1',
      )
    : frames.write(`${line}\n`);

const compromised = new Set<string>();
const honestListeners: ((chunk: Buffer) => void)[] = [];
let honest: Promise<unknown> | undefined;

/** The real host finds this in place of its pipe. */
const startHonestHost = async (): Promise<unknown> => {
  const pipe = {
    on: (event: string, listener: (chunk: Buffer) => void) => {
      if (event === 'data') honestListeners.push(listener);
    },
    write: (text: string) => frames.write(text),
  };
  net.Socket = function FakeSocket() {
    return pipe;
  } as unknown as typeof net.Socket;
  syncBuiltinESMExports();
  return import(new URL('./honest-vat-host.mjs', import.meta.url).href);
};

const passOn = (line: string): void => {
  honest ??= startHonestHost();
  void honest.then(() => {
    for (const listener of honestListeners) listener(Buffer.from(`${line}\n`));
  });
};

const answer = ({ vat, seq }: Frame, more: object): boolean =>
  say(
    JSON.stringify({
      type: 'done',
      vat,
      seq,
      syscalls: [],
      writes: [],
      ...more,
    }),
  );

const resolved = ({ result }: Message, value: unknown): object =>
  result === null
    ? {}
    : {
        syscalls: [
          [
            'resolve',
            [[result, false, { body: `#${JSON.stringify(value)}`, slots: [] }]],
          ],
        ],
      };

/** Blocks until the daemon has answered; a daemon that does not like it ends this process. */
const read = (line: string): string => {
  writeSync(READS_FD, `${line}\n`);
  const buffer = Buffer.alloc(1 << 20);
  let text = '';
  while (!text.includes('\n')) {
    const count = readSync(READS_FD, buffer);
    if (count === 0) process.exit(0);
    text += buffer.toString('utf8', 0, count);
  }
  return text.trimEnd();
};

/** What the scripts can name, beside the references of the message at hand. */
const kept: string[] = [];
let previous = 'p-0';

/** What would be too large for the message that brings the script. */
const repeated = (count: number, item: string): string =>
  Array.from({ length: count }, (_, i) =>
    item.replaceAll('%i', String(i)).replaceAll('%x', 'x'.repeat(1e6)),
  ).join();

const play = (frame: Frame, message: Message, script: Script): void => {
  const names: Readonly<Record<string, string>> = {
    VAT: frame.vat,
    SEQ: String(frame.seq),
    NEXT: String(frame.seq + 1),
    RESULT: String(message.result),
    PREVIOUS: previous,
    OBJECT: kept[0] ?? 'o-0',
    PROMISE: kept[1] ?? 'p-0',
  };
  const fill = (line: string): string =>
    line
      .replaceAll(/\$([A-Z]+)/gu, (text, name) => names[name] ?? text)
      .replaceAll(/@@(\d+)@(.*?)@@/gu, (_, count, item) =>
        repeated(Number(count), String(item)),
      );
  const replies = script.reads.map((line) => read(fill(line)));
  script.frames.forEach((line) => say(fill(line)));
  previous = String(message.result);
  if (script.frames.length === 0) {
    // As a string: smallcaps has signs of its own for what it begins with.
    answer(frame, resolved(message, `r${JSON.stringify(replies)}`));
  }
};

const onMessage = async (frame: Frame, message: Message): Promise<void> => {
  const { body, slots } = message.methargs;
  const [, method, script] = /^#\["(\w+)",\["x([\w+/=]*)"/u.exec(body) ?? [];
  if (method === 'play' && script !== undefined) {
    const text = Buffer.from(script, 'base64').toString('utf8');
    const parsed = JSON.parse(text) as Script;
    if (parsed.delayMs > 0) await delay(parsed.delayMs);
    play(frame, message, parsed);
  } else {
    if (body.startsWith('#["take"')) kept.splice(0, kept.length, ...slots);
    answer(frame, resolved(message, 'hello'));
  }
};

const onLine = async (line: string): Promise<void> => {
  const frame = JSON.parse(line) as Frame;
  if (
    frame.type === 'start' &&
    frame.bundle?.includes('compromised') === true
  ) {
    compromised.add(frame.vat);
  }
  if (!compromised.has(frame.vat)) {
    passOn(line);
  } else if (frame.type === 'start') {
    answer(frame, { methods: [] });
  } else if (frame.delivery?.[0] === 'message') {
    await onMessage(frame, frame.delivery[2]);
  } else if (frame.type === 'deliver') {
    answer(frame, {});
  }
};

/** What is worked off; what comes meanwhile waits, as in an honest host. */
let working: Promise<void> = Promise.resolve();
let rest = '';
frames.setEncoding('utf8').on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    working = working.then(async () => onLine(line));
  }
});
