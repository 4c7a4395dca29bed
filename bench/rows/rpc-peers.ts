/** Trivial calls over a Unix socket, beside those of two RPC libraries that pass object references. */
import { openRpcPeer } from '../tools/peer-process.ts';
import type { Goal, Row } from '../tools/row.ts';
import { measureRequests } from './get-status.ts';

type Peer = 'captp' | 'capnweb';

/** With the goal of calls one after the other, where there is one. */
const peers: Readonly<Record<Peer, { title: string; goal?: Goal }>> = {
  captp: { title: 'CapTP' },
  capnweb: {
    title: "Cap'n Web",
    goal: { kind: 'aim', of: 'ratio', atLeast: 1 },
  },
};
const methods = { 'get-status': 'getStatus', ping: 'ping' } as const;

const rowsOf = (peer: Peer, name: keyof typeof methods): readonly Row[] => {
  const method = methods[name];
  const { title, goal } = peers[peer];
  const common = {
    floor: `${title}, a method that answers "pong"`,
    unit: '/s',
    peer,
  } as const;
  return [
    {
      ...common,
      id: `${peer}-${name}`,
      title: `${method}, one after the other`,
      ...(goal && { goal }),
      measure: async (bench) =>
        measureRequests(bench, async (own) => openRpcPeer(own, peer), {
          method,
          rounds: bench.amount(4, 9),
          calls: bench.amount(500, 2000),
          inFlight: 1,
        }),
    },
    {
      ...common,
      id: `${peer}-${name}-100`,
      title: `${method}, 100 in flight`,
      measure: async (bench) =>
        measureRequests(bench, async (own) => openRpcPeer(own, peer), {
          method,
          rounds: bench.amount(4, 9),
          calls: bench.amount(2000, 8000),
          inFlight: 100,
        }),
    },
  ];
};

export const rpcPeerRows: readonly Row[] = [
  ...rowsOf('captp', 'get-status'),
  ...rowsOf('captp', 'ping'),
  ...rowsOf('capnweb', 'get-status'),
  ...rowsOf('capnweb', 'ping'),
];
