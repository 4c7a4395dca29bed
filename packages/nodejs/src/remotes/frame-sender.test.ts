import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeFrameDecoder } from './frame-decoder.ts';
import { makeFrameSender } from './frame-sender.ts';

/** A stream that takes a chunk and then is full until it is told otherwise. */
const makeStream = () => {
  const chunks: Uint8Array[] = [];
  let onDrain = (): void => undefined;
  const stream = {
    isFull: false,
    isEnded: false,
    isBroken: false,
    get writableNeedsDrain(): boolean {
      return stream.isFull;
    },
    writeBufferLength: 0,
    send: (bytes: unknown): boolean => {
      if (stream.isBroken) {
        throw Error('closed');
      }
      chunks.push(Uint8Array.from(bytes as Uint8Array));
      stream.isFull = true;
      return false;
    },
    close: async (): Promise<void> => {
      stream.isEnded = true;
    },
    abort: (): void => undefined,
    addEventListener: (_type: string, listener: () => void): void => {
      onDrain = listener;
    },
    drain: async (): Promise<void> => {
      stream.isFull = false;
      onDrain();
      await turn();
    },
  };
  const frames = (): readonly string[] =>
    makeFrameDecoder({ maxFrameBytes: 2 ** 30 }).push(Buffer.concat(chunks))
      .frames;
  return { stream, chunks, frames };
};

describe('a sender of frames', () => {
  it('sends the frames of one turn together', async () => {
    const { stream, chunks, frames } = makeStream();
    const sender = makeFrameSender(stream);
    for (const frame of ['one', 'two', '', 'four']) {
      sender.send(frame);
    }
    expect(chunks).toEqual([]);
    await turn();
    expect(chunks).toHaveLength(1);
    expect(frames()).toEqual(['one', 'two', '', 'four']);
  });

  it('hands over no more than the stream takes, and counts the rest', async () => {
    const { stream, chunks, frames } = makeStream();
    const sender = makeFrameSender(stream);
    const large = 'x'.repeat(200_000);
    sender.send('first');
    sender.send(large);
    sender.send('last');
    const all = 3 * 4 + 'first'.length + 200_000 + 'last'.length;
    expect(sender.unsentBytes()).toBe(all);
    for (let sent = 0; sent < all; sent += 64 * 1024) {
      await turn();
      const left = Math.max(all - sent - 64 * 1024, 0);
      expect(sender.unsentBytes()).toBe(left);
      await stream.drain();
    }
    expect(chunks.map(({ length }) => length)).toEqual([
      65_536,
      65_536,
      65_536,
      all - 3 * 65_536,
    ]);
    expect(frames()).toEqual(['first', large, 'last']);
  });

  it('counts what the stream itself has not got rid of', () => {
    const { stream } = makeStream();
    stream.writeBufferLength = 7;
    expect(makeFrameSender(stream).unsentBytes()).toBe(7);
  });

  it('ends the stream only when everything is sent', async () => {
    const { stream, frames } = makeStream();
    const sender = makeFrameSender(stream);
    sender.send('x'.repeat(100_000));
    sender.finish(10_000);
    await turn();
    expect(stream.isEnded).toBe(false);
    await stream.drain();
    expect(stream.isEnded).toBe(true);
    expect(frames()[0]).toHaveLength(100_000);
  });

  it('holds nothing for a stream that is closed', async () => {
    const { stream } = makeStream();
    stream.isBroken = true;
    const sender = makeFrameSender(stream);
    sender.send('lost');
    await turn();
    expect(sender.unsentBytes()).toBe(0);
  });

  it('takes 100,000 frames before any is sent', async () => {
    const { stream, chunks, frames } = makeStream();
    const sender = makeFrameSender(stream);
    stream.isFull = true;
    for (let i = 0; i < 100_000; i += 1) {
      sender.send(`${i}`);
    }
    const started = performance.now();
    while (sender.unsentBytes() > 0) {
      await stream.drain();
    }
    expect(chunks.length).toBeLessThan(20);
    expect(frames()).toHaveLength(100_000);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
