/** readLine and writeLine (P-35, P-36), on a real pair of sockets. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeTempHome } from './fixtures/temp-home.ts';
import { readLine, writeLine } from './line-protocol.ts';

const openPair = async (): Promise<[Socket, Socket]> => {
  const path = join(makeTempHome().home, 'pair');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [far] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return [near, far];
};

const eventNames = ['data', 'readable', 'error', 'end', 'close'] as const;
const listeners = (socket: Socket): number[] =>
  eventNames.map((name) => socket.listenerCount(name));

describe('readLine (P-36)', () => {
  it('puts split lines together and takes joined lines apart', async () => {
    const [near, far] = await openPair();
    far.write('{"a"');
    const first = readLine(near);
    setTimeout(() => far.write(':1}\n{"b"'), 10);
    expect(await first).toBe('{"a":1}');
    far.write(':2}\n{"c":3}\n\n');
    expect(await readLine(near)).toBe('{"b":2}');
    expect(await readLine(near)).toBe('{"c":3}');
    expect(await readLine(near)).toBe('');
  });

  it('keeps characters whole', async () => {
    const [near, far] = await openPair();
    const bytes = Buffer.from('👋\n');
    far.write(bytes.subarray(0, 2));
    const line = readLine(near);
    setTimeout(() => far.write(bytes.subarray(2)), 10);
    expect(await line).toBe('👋');
  });

  it('removes its own listeners and no others', async () => {
    const [near, far] = await openPair();
    const heard: string[] = [];
    near.on('error', () => heard.push('error'));
    near.on('end', () => heard.push('end'));
    near.on('close', () => heard.push('close'));
    const before = listeners(near);
    far.write('x\n');
    await readLine(near);
    expect(listeners(near)).toStrictEqual(before);
    await expect(readLine(near, { timeoutMs: 10 })).rejects.toThrow();
    expect(listeners(near)).toStrictEqual(before);
    far.end();
    near.resume();
    await once(near, 'close');
    expect(heard).toStrictEqual(['end', 'close']);
  });

  it('gives up after its time, and loses nothing', async () => {
    const [near, far] = await openPair();
    far.write('half ');
    await expect(readLine(near, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'LINE_TIMEOUT',
    });
    far.write('a line\n');
    expect(await readLine(near)).toBe('half a line');
  });

  it.each<[string, (near: Socket, far: Socket) => void, string]>([
    ['the other end ends', (_near, far) => far.end('half'), 'LINE_CLOSED'],
    ['the stream is closed', (near) => near.destroy(), 'LINE_CLOSED'],
    [
      'the stream fails',
      (near) => near.destroy(Object.assign(new Error('x'), { code: 'EX' })),
      'EX',
    ],
  ])('rejects when %s', async (_name, act, code) => {
    const [near, far] = await openPair();
    const line = readLine(near);
    act(near, far);
    await expect(line).rejects.toMatchObject({ code });
    await expect(readLine(near)).rejects.toMatchObject({ code: 'LINE_CLOSED' });
  });

  it('takes a line of the cap and refuses one byte more', async () => {
    const [near, far] = await openPair();
    far.write('12345\n123456\n');
    expect(await readLine(near, { maxLineBytes: 5 })).toBe('12345');
    await expect(readLine(near, { maxLineBytes: 5 })).rejects.toMatchObject({
      code: 'LINE_TOO_LONG',
    });
  });
});

describe('writeLine', () => {
  it('writes one line', async () => {
    const [near, far] = await openPair();
    await writeLine(near, 'hello');
    expect(await readLine(far)).toBe('hello');
  });

  it.each<[string, string, string, boolean]>([
    ['two lines', 'a\nb', 'LINE_BROKEN', false],
    ['into a closed stream', 'a', 'ERR_STREAM_DESTROYED', true],
  ])('refuses to write %s', async (_name, line, code, close) => {
    const [near] = await openPair();
    if (close) near.destroy();
    await expect(writeLine(near, line)).rejects.toMatchObject({ code });
  });
});
