import './daemon/lockdown.ts';
import { jsonBytes, limits } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import { call, data, hello } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const echo = `
  return makeDefaultExo('Echo', {
    size: (text) => text.length,
    say: (text, times) => text.repeat(times),
    parts: (text, count) => Promise.all([]).then(() => harden(Array.from({ length: count }, () => Promise.resolve(text)))),
  });`;

const open = async (remoteMessageBytes: number) => {
  const { kernels, network } = await openLinkedKernels(2, {
    remoteMessageBytes,
  });
  const [a, b] = kernels as [TestKernel, TestKernel];
  return { network, b, at: await share(a, await a.launch(echo), b) };
};

/** As many copies of it as make a body of so many bytes. */
const fitting = (bytes: number, bodyOf: (text: string) => string): string =>
  'x'.repeat(bytes - jsonBytes(bodyOf('')));

describe('a message to another kernel', () => {
  const bodyOf = (text: string): string =>
    `#${JSON.stringify(['size', [text]])}`;

  it('is rejected if it does not fit into a frame, and others go on', async () => {
    const { b, at } = await open(1000);
    const text = fitting(1000, bodyOf);
    expect(await b.call(at, 'size', text)).toBe(text.length);
    await expect(b.call(at, 'size', `${text}x`)).rejects.toThrow(
      /remoteMessageBytes was reached: 1001 of at most 1000 bytes/u,
    );
    expect(await b.call(at, 'size', 'x')).toBe(1);
  });

  it('counts as it is written, whatever the characters', async () => {
    const { b, at } = await open(1000);
    await expect(b.call(at, 'size', '\u{1f600}"'.repeat(130))).rejects.toThrow(
      /remoteMessageBytes/u,
    );
    expect(await b.call(at, 'size', '\u{1f600}"'.repeat(120))).toBe(360);
  });

  it('makes a frame that can be sent, be it as large as it may', async () => {
    const { network, b, at } = await open(limits.remoteMessageBytes.value);
    // Each is two characters of the body, and four bytes of the frame.
    const chars = limits.crankBytes.value / 2 - 100_000;
    const [, size] = await Promise.all([
      b.call(at, 'size', '"'.repeat(150_000)),
      b.call(at, 'size', '"'.repeat(chars)),
    ]);
    expect(size).toBe(chars);
    const largest = network.sent.reduce(
      (most, { text }) => Math.max(most, Buffer.byteLength(text)),
      0,
    );
    expect(largest).toBeGreaterThan(4 * chars);
    expect(largest).toBeLessThan(limits.remoteFrameBytes.value);
  });
});

describe('an answer for another kernel', () => {
  it('is a rejection if it does not fit into a frame', async () => {
    const { b, at } = await open(1000);
    const text = fitting(1000, (said) => `#${JSON.stringify(said)}`);
    expect(await b.call(at, 'say', 'x', text.length)).toBe(text);
    await expect(b.call(at, 'say', 'x', text.length + 1)).rejects.toThrow(
      /remoteMessageBytes was reached: 1001 of at most 1000 bytes/u,
    );
  });

  it('counts with all that is settled together with it', async () => {
    const { b, at } = await open(1000);
    const few = await b.kernel.queueMessage(at, 'parts', ['x'.repeat(90), 5]);
    expect(few.slots).toHaveLength(5);
    await expect(
      b.kernel.queueMessage(at, 'parts', ['x'.repeat(90), 20]),
    ).rejects.toThrow(/remoteMessageBytes/u);
  });
});

describe('the gate', () => {
  it('is called with so many characters at most', async () => {
    const { network, peerIds } = await openLinkedKernels(1);
    const { link, received } = network.connectAs(
      '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV',
      peerIds[0] ?? '',
    );
    const around = '#["redeem",[""]]'.length;
    const redeem = (chars: number, result: string): unknown =>
      call('o-0', ['redeem', 'x'.repeat(chars - around)], result);
    link.send(hello());
    link.send(data([redeem(10_000, 'p+1'), redeem(10_001, 'p+2')]));
    await expect
      .poll(() => received.join())
      .toMatch(
        /"p-1",true[^\]]*redeem[^\]]*must not be bigger[^]*"p-2",true[^\]]*LIMIT_REACHED/u,
      );
  });
});
