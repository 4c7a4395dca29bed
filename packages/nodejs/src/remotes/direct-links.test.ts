/** Two transports and what goes between them: real sockets, on loopback. */
import { describe, expect, it, vi } from 'vitest';
import { linkOf, startTestPeer } from '../testing/peer-transport.ts';

const TCP = '/ip4/127.0.0.1/tcp/0';
const WEB_SOCKETS = '/ip4/127.0.0.1/tcp/0/ws';
const QUIC = '/ip4/127.0.0.1/udp/0/quic-v1';

/** Not for every machine: without it daemons go on without it. */
const kinds = await import('@chainsafe/libp2p-quic').then(
  () => ({ TCP, WebSockets: WEB_SOCKETS, QUIC }),
  () => ({ TCP, WebSockets: WEB_SOCKETS }),
);

const patience = { timeout: 15_000, interval: 5 };

describe.each(Object.entries(kinds))('over %s', (_name, listen) => {
  it('frames arrive at both ends, and each end knows the other', async () => {
    const there = await startTestPeer({ listen: [listen] });
    const here = await startTestPeer();
    const link = await here.connect(there);
    const other = await linkOf(there);
    expect(link).toMatchObject({
      peerId: there.peerId,
      opener: 'us',
      isRelayed: false,
    });
    expect(other).toMatchObject({
      peerId: here.peerId,
      opener: 'them',
      isRelayed: false,
    });
    link.send('{"ä":"\u{1F511}"}');
    link.send('');
    link.send('[]');
    other.send('"back"');
    await vi.waitFor(() => {
      expect(other.frames).toEqual(['{"ä":"\u{1F511}"}', '', '[]']);
      expect(link.frames).toEqual(['"back"']);
    }, patience);
  });

  it('10,000 small frames arrive in order', async () => {
    const there = await startTestPeer({ listen: [listen] });
    const here = await startTestPeer();
    const link = await here.connect(there);
    const other = await linkOf(there);
    const frames = Array.from({ length: 10_000 }, (_, i) => `{"number":${i}}`);
    for (const frame of frames) {
      link.send(frame);
    }
    await vi.waitFor(() => expect(other.frames.length).toBe(10_000), patience);
    expect(other.frames).toEqual(frames);
  });

  it('a frame of 10 MB arrives whole, and one behind it', async () => {
    const there = await startTestPeer({ listen: [listen] });
    const here = await startTestPeer();
    const link = await here.connect(there);
    const other = await linkOf(there);
    const large = JSON.stringify('ab€"'.repeat(1_500_000));
    link.send(large);
    link.send('small');
    expect(link.unsentBytes()).toBeGreaterThan(9_000_000);
    await vi.waitFor(() => expect(other.frames.length).toBe(2), patience);
    expect(other.frames[0] === large).toBe(true);
    expect(other.frames[1]).toBe('small');
    await vi.waitFor(() => expect(link.unsentBytes()).toBe(0), patience);
  });

  it('what was sent before the link was closed arrives, and both ends are told once', async () => {
    const there = await startTestPeer({ listen: [listen] });
    const here = await startTestPeer();
    const link = await here.connect(there);
    const other = await linkOf(there);
    link.send('the last');
    link.close('enough');
    link.close('more than enough');
    link.send('too late');
    expect(link.closings).toEqual([]);
    await vi.waitFor(() => {
      expect(link.closings).toEqual(['enough']);
      expect(other.frames).toEqual(['the last']);
      expect(other.closings).toEqual(['the peer ended it']);
    }, patience);
  });

  it('a peer that stops ends its links, and can be reached again later', async () => {
    const there = await startTestPeer({ listen: [listen] });
    const here = await startTestPeer();
    const link = await here.connect(there);
    await linkOf(there);
    await there.transport.stop();
    expect(there.links[0]?.closings).toEqual([
      'this daemon has stopped talking to others',
    ]);
    expect(there.addresses()).toEqual([]);
    await vi.waitFor(() => expect(link.closings.length).toBe(1), patience);
    await there.transport.start({ listen: [listen] }, () => ({
      onFrame: () => undefined,
      onClosed: () => undefined,
    }));
    const again = await here.connect(there);
    expect(again.peerId).toBe(there.peerId);
  });

  it('nobody is taken for another peer', async () => {
    const there = await startTestPeer({ listen: [listen] });
    const victim = await startTestPeer();
    const here = await startTestPeer();
    await expect(
      here.transport.connect(victim.peerId, there.addresses()),
    ).rejects.toThrow();
    expect(here.links).toEqual([]);
    expect(there.links).toEqual([]);
  });
});
