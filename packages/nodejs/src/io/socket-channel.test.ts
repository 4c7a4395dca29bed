import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { limitValues, type LimitValues } from '@ocap/kernel-utils';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectTo } from '../testing/socket-client.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { makeSocketIOChannel, type SocketChannel } from './socket-channel.ts';

type Scene = SocketChannel & { path: string; warned: string[] };

const open = async (
  limits: Partial<LimitValues> = {},
  path = join(tempFolder(), 'io.sock'),
): Promise<Scene> => {
  const warned: string[] = [];
  const channel = await makeSocketIOChannel('talk', path, {
    limits: limitValues(limits),
    logger: { warn: (message) => warned.push(message) },
  });
  onTestFinished(async () => channel.close());
  return { ...channel, path, warned };
};

/** Whether the promise is still open after a while. */
const isPending = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => false,
      () => false,
    ),
    delay(100, true),
  ]);

describe('makeSocketIOChannel', () => {
  it('lets a read wait until a client connects and says something; it never gives null (P-37)', async () => {
    const { path, read } = await open();
    const line = read();
    expect(await isPending(line)).toBe(true);
    const client = await connectTo(path);
    expect(await isPending(line)).toBe(true);
    client.say('hel');
    client.say('lo\nmore\n');
    expect(await line).toBe('hello');
    expect(await read()).toBe('more');
    const next = read();
    await client.leave();
    expect(await isPending(next)).toBe(true);
    (await connectTo(path)).say('again\n');
    expect(await next).toBe('again');
  });

  it('listens from the start on, for its owner only', async () => {
    const folder = join(tempFolder(), 'deep', 'er');
    const { path, read } = await open({}, join(folder, 'io.sock'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    (await connectTo(path)).say('before anybody reads\n');
    expect(await read()).toBe('before anybody reads');
  });

  it('reads lines with either end, empty ones, and a last one without an end', async () => {
    const { path, read } = await open();
    const client = await connectTo(path);
    client.say('a\r\n\nb\r\rc\nlast');
    client.end();
    for (const line of ['a', '', 'b\r\rc', 'last']) {
      expect(await read()).toBe(line);
    }
  });

  it('hears what several clients say one after the other, also of those that have left', async () => {
    const { path, read } = await open();
    for (const name of ['one', 'two', 'three']) {
      const client = await connectTo(path);
      client.say(`${name}\n`);
      client.end();
    }
    for (const name of ['one', 'two', 'three']) {
      expect(await read()).toBe(name);
    }
  });

  it('answers the client that it has heard last, also one that says no more', async () => {
    const { path, read, write } = await open();
    const [one, two] = [await connectTo(path), await connectTo(path)];
    one.say('name?\n');
    one.end();
    two.say('other?\n');
    expect(await read()).toBe('name?');
    await write('ocap\nof the first\n');
    expect([await one.hear(), await one.hear()]).toStrictEqual([
      'ocap',
      'of the first',
    ]);
    expect(await read()).toBe('other?');
    await write('of the second');
    expect(await two.hear()).toBe('of the second');
    // Nobody reads on from the first: it is hung up.
    await expect(one.hear()).rejects.toThrow(/ended/u);
  });

  it('never gives the next client what was meant for one that has left', async () => {
    const { path, read, write } = await open();
    const one = await connectTo(path);
    one.say('secret?\nand then\n');
    expect(await read()).toBe('secret?');
    await one.leave();
    const two = await connectTo(path);
    two.say('hello\n');
    await expect(write('the secret')).rejects.toThrow(/not all read/u);
    await expect(write('the secret')).rejects.toThrow(/not all read/u);
    expect(await read()).toBe('and then');
    await expect(write('the secret')).rejects.toThrow(/has left/u);
    expect(await read()).toBe('hello');
    await write('yours');
    expect(await two.hear()).toBe('yours');
  });

  it('moves on only when what was to be written before is written', async () => {
    const { path, read, write } = await open();
    const [one, two] = [await connectTo(path), await connectTo(path)];
    one.say('ask\n');
    one.end();
    two.say('hello\n');
    expect(await read()).toBe('ask');
    const big = 'x'.repeat(4 * 1024 * 1024);
    const writes = [write(big), write('end of one')];
    const next = read();
    expect(await isPending(next)).toBe(true);
    expect(await one.hear()).toBe(big);
    expect(await one.hear()).toBe('end of one');
    await Promise.all(writes);
    expect(await next).toBe('hello');
    await write('for two');
    expect(await two.hear()).toBe('for two');
  });

  it('lets a write wait until somebody is connected, and has room for it', async () => {
    const { path, write } = await open();
    const early = write('early');
    expect(await isPending(early)).toBe(true);
    const client = await connectTo(path);
    await early;
    expect(await client.hear()).toBe('early');
    const big = 'y'.repeat(8 * 1024 * 1024);
    client.socket.pause();
    const slow = write(big);
    expect(await isPending(slow)).toBe(true);
    expect(await client.hear()).toBe(big);
    await slow;
  });

  it('tells a write that its client left in the middle, and serves the next', async () => {
    const { path, write } = await open();
    const client = await connectTo(path);
    const lost = expect(write('z'.repeat(8 * 1024 * 1024))).rejects.toThrow(
      /has left/u,
    );
    await delay(20);
    await client.leave();
    await lost;
    const next = await connectTo(path);
    await write('hi');
    expect(await next.hear()).toBe('hi');
  });

  it('cuts off a client whose line is too long or not text, and hears the next', async () => {
    const { path, read, warned } = await open({ ioLineBytes: 8 });
    const line = read();
    const fits = await connectTo(path);
    fits.say('12345678\n');
    expect(await line).toBe('12345678');
    fits.say('123456789');
    const next = read();
    await fits.hungUp();
    const binary = await connectTo(path);
    binary.socket.write(Buffer.from([0xff, 10]));
    await binary.hungUp();
    (await connectTo(path)).say('ok\n');
    expect(await next).toBe('ok');
    expect(warned).toStrictEqual([
      expect.stringMatching(/ioLineBytes was reached/u),
      expect.stringMatching(/not UTF-8/u),
    ]);
  });

  it('takes no more than it may keep from a client that nobody reads', async () => {
    const most = 4 * 1024 * 1024;
    const { path, read } = await open({ ioUnreadBytes: most });
    const client = await connectTo(path);
    const line = `${'l'.repeat(1023)}\n`;
    let sent = 0;
    const sendAll = async (): Promise<void> => {
      for (; sent < 16 * 1024; sent += 1) {
        if (!client.socket.write(line)) await once(client.socket, 'drain');
      }
    };
    const sending = sendAll();
    await vi.waitFor(
      () => expect(sent * 1024).toBeGreaterThanOrEqual(most),
      10_000,
    );
    expect(await isPending(sending)).toBe(true);
    // What it keeps, a chunk, and what the two ends of the socket hold.
    expect(sent * 1024).toBeLessThan(most + 1024 * 1024);
    for (let count = 0; count < 16 * 1024; count += 1) {
      expect(await read()).toHaveLength(1023);
    }
    await sending;
  });

  it('keeps so many clients and no more', async () => {
    const { path, read } = await open({ ioClients: 2 });
    const clients = [await connectTo(path), await connectTo(path)];
    const third = await connectTo(path);
    await third.hungUp();
    for (const [at, { say, end }] of clients.entries()) {
      say(`${at}\n`);
      end();
    }
    expect([await read(), await read()]).toStrictEqual(['0', '1']);
    await clients[0]?.leave();
    (await connectTo(path)).say('2\n');
    expect(await read()).toBe('2');
  });

  it('rejects what waits when it is closed, and takes its file away', async () => {
    const { path, read, write, close } = await open();
    const isRejected = async (one: Promise<unknown>): Promise<void> =>
      expect(one).rejects.toThrow(/was closed/u);
    const waiting = [isRejected(read()), isRejected(write('x'))];
    await close();
    await close();
    await Promise.all([...waiting, isRejected(read()), isRejected(write('x'))]);
    expect(existsSync(path)).toBe(false);
  });

  it('hangs up when it is closed', async () => {
    const { path, read, close } = await open();
    const client = await connectTo(path);
    client.say('hi\n');
    expect(await read()).toBe('hi');
    const next = read();
    next.catch(() => undefined);
    await close();
    await client.hungUp();
    await expect(next).rejects.toThrow(/was closed/u);
  });
});

describe('the place of a socket', () => {
  it('may be taken by a socket at which nobody listens any more', async () => {
    const path = join(tempFolder(), 'io.sock');
    const before = createServer().listen(`${path}.old`);
    await once(before, 'listening');
    linkSync(`${path}.old`, path);
    before.close();
    await once(before, 'close');
    expect(statSync(path).isSocket()).toBe(true);
    const { read } = await open({}, path);
    (await connectTo(path)).say('new\n');
    expect(await read()).toBe('new');
  });

  it('is not taken from another program, nor from a file', async () => {
    const first = await open();
    await expect(open({}, first.path)).rejects.toThrow(
      /another program listens/u,
    );
    (await connectTo(first.path)).say('still here\n');
    expect(await first.read()).toBe('still here');
    const path = join(tempFolder(), 'notes.txt');
    writeFileSync(path, 'precious');
    await expect(open({}, path)).rejects.toThrow(/exists and is not a socket/u);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('is not in a folder that others can change, nor too deep', async () => {
    const folder = join(tempFolder(), 'open');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    await expect(open({}, join(folder, 'io.sock'))).rejects.toThrow(
      /changed by other users/u,
    );
    await expect(
      open({}, join(tempFolder(), 'd'.repeat(100), 'io.sock')),
    ).rejects.toThrow(/too long for a socket/u);
  });
});
