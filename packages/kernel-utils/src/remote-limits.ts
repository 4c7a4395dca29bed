/** Caps on what other daemons, and strangers who pose as such, can make this one hold and do. */
import { KiB, MiB, type Limit } from './limit.ts';

export const remoteLimits = {
  remoteConnections: {
    value: 256,
    unit: 'count',
    stops:
      'peers, or one with many keys, that connect until the descriptors run out. Counts all connections to other daemons and relays; those that this daemon opens itself are made even beyond it.',
  },
  remoteConnectionsPerHost: {
    value: 64,
    unit: 'count',
    stops:
      'one machine that takes all of remoteConnections: incoming TCP and WebSocket connections of one IPv4 address or one IPv6 network (/64). Does not cover QUIC, nor what comes through a relay.',
  },
  remoteConnectionsPerPeer: {
    value: 4,
    unit: 'count',
    stops:
      'one peer that connects again and again: its oldest connection is closed for a new one.',
  },
  remoteConnectionsPerSecond: {
    value: 32,
    unit: 'count',
    stops:
      'a machine that connects so fast that its handshakes take all of the processor. Counts those of one address or one IPv6 network (/64); those through one relay count together.',
  },
  remoteHandshakes: {
    value: 64,
    unit: 'count',
    stops:
      'connections that begin a handshake and never end it: beyond this the oldest one of the machine that has most of them is closed.',
  },
  remoteHandshakeMs: {
    value: 10_000,
    unit: 'ms',
    stops: 'the same: so long may a handshake take.',
  },
  remoteConnectMs: {
    value: 15_000,
    unit: 'ms',
    stops:
      'addresses at which nobody answers: time for one attempt to link to a peer, at all of its addresses.',
  },
  remoteSilenceMs: {
    value: 20_000,
    unit: 'ms',
    stops:
      'a peer that vanished without a word, whose link would stay open for ever: after so long without a sign of life the connection is closed.',
  },
  remoteUnusedMs: {
    value: 30_000,
    unit: 'ms',
    stops: 'connections that carry no link from taking up remoteConnections.',
  },
  remoteLinksPerPeer: {
    value: 4,
    unit: 'count',
    stops:
      'a peer that opens links without end: its oldest one is closed for a new one.',
  },
  remoteStreams: {
    value: 32,
    unit: 'count',
    stops:
      'a peer that opens streams without end on one connection; further ones are refused. To relays that this daemon chose there may be eight times as many.',
  },
  remoteSideBytes: {
    value: 64 * KiB,
    unit: 'bytes',
    stops:
      'a peer that fills memory through streams that carry no link: the connection is closed. Counts for each stream; does not cover QUIC, which holds 1 MiB for each.',
  },
  remoteMessageBytes: {
    value: 16 * MiB,
    unit: 'bytes',
    stops:
      'a message, or an answer, that would not fit into a frame: it is rejected. Twice crankBytes: what one delivery may send fits, with a backslash before each character, or with two bytes for it. Counts JSON in UTF-8, and of an answer all that is settled together.',
  },
  remoteFrameBytes: {
    value: 20 * MiB,
    unit: 'bytes',
    stops:
      'a frame without end: remoteMessageBytes, and 4 MiB for references and for what else is in the frame. The link is closed. What such a frame consists of is bounded, too: see docs/remote-protocol.md.',
  },
  remoteUnfinishedBytes: {
    value: 96 * MiB,
    unit: 'bytes',
    stops:
      'many peers that each begin a large frame and do not end it: beyond this sum the link that holds most is closed.',
  },
  remoteUnsentBytes: {
    value: 64 * MiB,
    unit: 'bytes',
    stops:
      'a peer that reads slowly or not at all: a link with more than this unsent is closed. More than three times the largest frame; the kernel itself stops sending long before.',
  },

  // What other kernels hold
  remotePeers: {
    value: 1000,
    unit: 'count',
    stops:
      'strangers that introduce themselves to fill the database: other kernels that this one knows. For a new one a stranger is forgotten that was never given anything, whatever it has left here.',
  },
  remoteStrangerNames: {
    value: 5000,
    unit: 'count',
    stops:
      'strangers that leave references here without end: what one has that was never given an object, in one frame and altogether. It can only have calls of the gate that are not answered yet. Beyond it the peer is cut off.',
  },
  remoteNewSessions: {
    value: 6,
    unit: 'count',
    stops:
      'a peer that claims again and again to have lost its state, so that everything has to be begun anew. So many times a minute it is believed; beyond that the link is closed.',
  },
  remoteAnswers: {
    value: 500_000,
    unit: 'count',
    stops:
      'a peer that asks without end, and takes no answer or never says that it is done with one: what is kept for it, told and not told yet. Who asks for one more is cut off. Far more than a peer has that does as it should.',
  },
  remoteAnswerBytes: {
    value: 128 * MiB,
    unit: 'bytes',
    stops:
      'a peer that asks for very large answers and does not take them, or never says that it is done with them: what is kept for it, told and not told yet. Beyond it, what asks for another answer is rejected instead of delivered. Counts characters; what was delivered before may go beyond.',
  },
  remoteParkedMessages: {
    value: 100_000,
    unit: 'count',
    stops:
      'a vat of another kernel that sends without end to a promise that is never settled, or to a third kernel that is away. Counts what waits so of all that the other kernel has sent; further messages of that kind are rejected.',
  },
  remoteParkedBytes: {
    value: 128 * MiB,
    unit: 'bytes',
    stops: 'the same by few large messages. Counts characters.',
  },
  remoteIntroductions: {
    value: 1000,
    unit: 'count',
    stops:
      'a peer that vouches for third parties without end: objects of this kernel that another one has passed on and that can be reached without it. Further ones are reached through it.',
  },
  remoteHandOffs: {
    value: 8,
    unit: 'count',
    stops:
      'a peer that has this kernel connect to one address after another: third parties to which one other kernel introduces it at a time. Further ones are refused for now.',
  },
  remoteGoneMs: {
    value: 7 * 24 * 60 * 60 * 1000,
    unit: 'ms',
    stops:
      'messages for a peer that never comes back being kept for ever: after so long what was shared with it ends, and who waits is told.',
  },
} as const satisfies Record<string, Limit>;
