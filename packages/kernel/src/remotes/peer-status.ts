/** What an operator is told of another kernel. */
import harden from '@endo/harden';
import type { KernelContext } from '../context.ts';
import type { RemoteCommsStatus } from '../status-api.ts';
import type { RemoteBook } from './remote-book.ts';
import type { Peer } from './remote-line.ts';

type PeerStatus = RemoteCommsStatus['peers'][number];

export const makePeerStatus = (
  { store, powers }: Pick<KernelContext, 'store' | 'powers'>,
  book: RemoteBook,
): ((peer: Peer) => PeerStatus) => {
  return harden((peer: Peer): PeerStatus => {
    const row = book.row(peer.id);
    const { line, problem, queue } = peer;
    const answers = store.remoteAnswers(peer.id);
    return {
      id: peer.id,
      peerId: row.peerId,
      state:
        row.cut !== null
          ? 'cut'
          : line !== undefined
            ? 'connected'
            : peer.isConnecting
              ? 'connecting'
              : 'away',
      ...(line === undefined ? {} : { relayed: line.link.isRelayed }),
      ...(line === undefined && problem !== undefined ? { problem } : {}),
      ...(row.ending === null
        ? {}
        : { problem: `what was shared is being forgotten: ${row.ending}` }),
      ...(row.cut === null ? {} : { problem: row.cut }),
      queued: queue.size(),
      inbox: store.inbox.size(peer.id),
      parked: store.parked(peer.id).messages,
      answers: answers.count,
      answerChars: answers.chars,
      seenAt: line === undefined ? row.seenAt : powers.epoch(),
      hints: row.hints,
    };
  });
};
