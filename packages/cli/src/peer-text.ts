/** Other daemons, as people read of them. */
import { printable } from '@ocap/kernel-utils';
import type { RemoteComms } from './remote-comms.ts';
import { plainStyle, type Style } from './style.ts';
import { table } from './table.ts';
import { durationText } from './units.ts';

const PROBLEM_LENGTH = 60;

/** `12D3KooW…yhMiW89`: all peer ids of daemons begin alike. */
export const shortPeerId = (peerId: string): string =>
  peerId.length <= 20 ? peerId : `${peerId.slice(0, 8)}…${peerId.slice(-7)}`;

/** What to do about a daemon that cannot listen as it did before. */
export const LISTEN_ADVICE =
  'it is tried again by itself; to listen elsewhere:  ocap daemon start --listen <port>';

/** Where this daemon can be reached, each address a line. */
export const reachText = (
  { peerId, ...reach }: Reach & Pick<RemoteComms, 'peerId'>,
  style: Style = plainStyle,
): string => [`  peer id  ${peerId}`, ...reachLines(reach, style)].join('\n');

type Reach = Pick<RemoteComms, 'addresses' | 'problem'>;

const reachLines = (
  { addresses, problem }: Reach,
  style: Style,
): readonly string[] => {
  if (problem !== undefined) {
    return [`  ${style.red(printable(problem))}`, `  ${LISTEN_ADVICE}`];
  }
  return addresses.length === 0
    ? ['  nobody can reach it:  ocap daemon start --listen <port>']
    : addresses.map((address) => `  ${style.bold(printable(address))}`);
};

type Peer = RemoteComms['peers'][number];

export const peersText = (
  peers: readonly Peer[],
  now: number,
  style: Style = plainStyle,
): string =>
  [
    table(
      [
        { title: 'PEER' },
        { title: 'STATE' },
        { title: 'WAITING', align: 'right' },
        { title: 'CONTACT' },
        { title: 'PROBLEM' },
      ],
      peers.map((peer) => [
        peer.peerId,
        stateText(peer),
        String(peer.queued + peer.inbox),
        contactText(peer, now),
        problemText(peer.problem ?? ''),
      ]),
      style,
    ),
    ...peers
      .filter(({ state }) => state === 'cut')
      .map(({ peerId }) => `  ${anotherChance(peerId)}`),
  ].join('\n');

/** What to do about a peer that was cut off. */
export const anotherChance = (peerId: string): string =>
  `give ${shortPeerId(peerId)} another chance:  ocap daemon exec registerLocationHints '["${peerId}", []]'`;

const stateText = ({ state, relayed }: Peer): string => {
  if (state === 'cut') return 'cut off';
  return relayed === true ? `${state} via relay` : state;
};

const contactText = ({ state, seenAt }: Peer, now: number): string => {
  const since = durationText(Math.max(0, now - seenAt));
  return state === 'connected' || since === 'now' ? 'now' : `${since} ago`;
};

/** What went wrong comes last, after the address with which it did. */
const problemText = (problem: string): string => {
  const text = printable(problem).replaceAll(/\s+/gu, ' ');
  return text.length <= PROBLEM_LENGTH
    ? text
    : `…${text.slice(1 - PROBLEM_LENGTH)}`;
};
