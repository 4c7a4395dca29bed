import { limitValues } from '@ocap/kernel-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startTestPeer } from '../testing/peer-transport.ts';
import { startRawPeer } from '../testing/raw-peer.ts';
import { silentPort } from '../testing/silent-port.ts';
import { makeLibp2pTransport } from './libp2p-transport.ts';

const listen = ['/ip4/127.0.0.1/tcp/0'];
const PEER = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';

const silent = (): void => undefined;
const handlers = { onFrame: silent, onClosed: silent };

const make = () =>
  makeLibp2pTransport({
    seed: () => new Uint8Array(32).fill(9),
    limits: limitValues({ remoteConnectMs: 1500 }),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });

describe('a transport', () => {
  it('that is not started does nothing', async () => {
    const transport = make();
    expect(transport.addresses()).toEqual([]);
    await expect(transport.connect(PEER, [])).rejects.toThrow(/not started/u);
    await transport.stop();
  });

  it('is started once, and again after it was stopped', async () => {
    const transport = make();
    onTestFinished(async () => transport.stop());
    await transport.start({ listen }, () => handlers);
    await expect(transport.start({}, () => handlers)).rejects.toThrow(
      /already/u,
    );
    expect(transport.addresses()).toHaveLength(1);
    await Promise.all([transport.stop(), transport.stop()]);
    expect(transport.addresses()).toEqual([]);
    await transport.start({}, () => handlers);
    expect(transport.addresses()).toEqual([]);
  });

  it('can be stopped while it starts', async () => {
    const transport = make();
    const starting = transport.start({ listen }, () => handlers);
    await transport.stop();
    await starting;
    expect(transport.addresses()).toEqual([]);
    await expect(transport.connect(PEER, [])).rejects.toThrow(/not started/u);
  });

  it('tells its addresses without its own peer id', async () => {
    const { transport } = await startTestPeer({
      listen: [...listen, '/ip4/127.0.0.1/tcp/0/ws'],
    });
    expect(transport.addresses()).toEqual([
      expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*$/u),
      expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*\/ws$/u),
    ]);
  });

  it.each([
    ['/p2p-circuit', /is nothing to listen on/u],
    ['/ip4/127.0.0.1/tcp/0/tls/ws', /is nothing to listen on/u],
    ['/unix/tmp%2Fsocket', /is nothing to listen on/u],
    ['127.0.0.1:80', /127\.0\.0\.1:80 is not a multiaddr/u],
  ])('does not listen at %s', async (address, problem) => {
    const transport = make();
    const starting = transport.start({ listen: [address] }, () => handlers);
    await expect(starting).rejects.toThrow(problem);
    await transport.start({}, () => handlers);
    await transport.stop();
  });

  it.each([
    '/ip4/127.0.0.1/tcp/1',
    `/p2p/${PEER}`,
    `/ip4/127.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit`,
    `/ip4/127.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${PEER}`,
  ])('takes no relay at %s', async (address) => {
    const starting = make().start({ relays: [address] }, () => handlers);
    await expect(starting).rejects.toThrow(/is not the address of a relay/u);
  });

  it('listens at all addresses or at none', async () => {
    const port = await silentPort();
    const transport = make();
    await expect(
      transport.start(
        { listen: [...listen, `/ip4/127.0.0.1/tcp/${port}`] },
        () => handlers,
      ),
    ).rejects.toThrow(
      new RegExp(
        `cannot listen at /ip4/127.0.0.1/tcp/${port}: .*EADDRINUSE`,
        'u',
      ),
    );
    expect(transport.addresses()).toEqual([]);
  });
});

describe('an attempt to connect', () => {
  it('to oneself is refused, also under another name', async () => {
    const peer = await startTestPeer({ listen });
    await expect(
      peer.transport.connect(peer.peerId, peer.addresses()),
    ).rejects.toThrow('this is the peer id of this daemon itself');
    await expect(
      peer.transport.connect(PEER, peer.addresses()),
    ).rejects.toThrow();
    expect(peer.links).toEqual([]);
  });

  it.each([
    ['none', [], 'none of its addresses is known'],
    [
      'those that are none',
      ['nonsense', '/nothing'],
      'none of its addresses is known',
    ],
    ['a socket file', ['/unix/tmp%2Fx.sock'], 'none of its addresses is known'],
    [
      'that of another peer',
      [`/ip4/127.0.0.1/tcp/1/p2p/${PEER.replace('QK', 'QL')}`],
      'none of its addresses is known',
    ],
    [
      'one where nobody is',
      ['/ip4/127.0.0.1/tcp/1'],
      /tcp\/1\/p2p.*ECONNREFUSED/u,
    ],
  ])(
    'with addresses like %s says why it fails',
    async (_what, addresses, problem) => {
      const { transport } = await startTestPeer();
      await expect(transport.connect(PEER, addresses)).rejects.toThrow(problem);
    },
  );

  it.each(['nobody', '', 'a/b', `${PEER}/p2p-circuit`])(
    'to "%s", which is no peer id, is refused',
    async (peerId) => {
      const there = await startTestPeer({ listen });
      const { transport } = await startTestPeer();
      await expect(
        transport.connect(peerId, there.addresses()),
      ).rejects.toThrow();
      expect(there.links).toEqual([]);
    },
  );

  it('to a peer that is no daemon says so', async () => {
    const node = await startRawPeer(listen);
    const { transport } = await startTestPeer();
    await expect(
      transport.connect(
        node.peerId.toString(),
        node.getMultiaddrs().map(String),
      ),
    ).rejects.toThrow('it does not speak the protocol of ocap daemons');
  });

  it('takes an address that works while another does not answer', async () => {
    const port = await silentPort();
    const there = await startTestPeer({ listen });
    const here = await startTestPeer({ limits: { remoteConnectMs: 10_000 } });
    const started = performance.now();
    await here.connect(there, [
      `/ip4/127.0.0.1/tcp/${port}`,
      ...there.addresses(),
    ]);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('ends after its time, and when the transport is stopped', async () => {
    const port = await silentPort();
    const addresses = [`/ip4/127.0.0.1/tcp/${port}`];
    const transport = make();
    await transport.start({}, () => handlers);
    await expect(transport.connect(PEER, addresses)).rejects.toThrow(
      /no answer in time/u,
    );
    const connecting = transport.connect(PEER, addresses);
    const refused = expect(connecting).rejects.toThrow(/has stopped talking/u);
    await transport.stop();
    await refused;
  });
});
