/**
 * What the stream multiplexer of libp2p leaves open towards a hostile peer: it
 * would hold a message of any announced length, hold what comes on streams that
 * nobody reads, answer without end a peer that does not read the answers, and
 * not notice that a peer is gone. All of it is seen from the bytes that come in.
 */
import { yamux } from '@libp2p/yamux';
import type { LimitValues } from '@ocap/kernel-utils';
import type { MuxedConnection, Muxer, MuxerFactory } from './libp2p-types.ts';

/** So much may be on its way on one stream: 80 Mbit/s at 100 ms. */
const WINDOW_BYTES = 1024 * 1024;

/** Answers that the peer has not read. What links send waits elsewhere. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** Streams that are kept account of; beyond this those that are closed are forgotten. */
const MAX_NOTED = 1024;

const HEADER_BYTES = 12;
const DATA_TYPE = 0;
const SYN = 1;

/** As yamux puts it before everything; only data is followed by so many bytes. */
type Header = Readonly<{
  type: number;
  flags: number;
  streamId: number;
  length: number;
}>;

/** How often in `remoteSilenceMs` the peer is asked for a sign of life. */
export const SIGNS_OF_LIFE = 4;

/** A connection under watch. */
export type Pulse = {
  /** Whether anything has come since this was set to false. */
  isAlive: boolean;
  silentTicks: number;
  readonly cut: (reason: string) => void;
};

type Terms = Readonly<{
  limits: Pick<
    LimitValues,
    'remoteSideBytes' | 'remoteSilenceMs' | 'remoteStreams'
  >;
  /** Protocols whose streams may carry any amount, because what comes is worked off at once. */
  bulkProtocols: ReadonlySet<string>;
  /** Told of each connection; the function returned is called at its end. */
  watch(pulse: Pulse): () => void;
}>;

export const guardedYamux = (terms: Terms) => (): MuxerFactory => {
  const { remoteSilenceMs, remoteStreams } = terms.limits;
  const factoryFor = (maxInboundStreams: number): MuxerFactory =>
    yamux({
      maxInboundStreams,
      maxOutboundStreams: 8 * remoteStreams,
      keepAliveInterval: remoteSilenceMs / SIGNS_OF_LIFE,
      streamOptions: { maxStreamWindowSize: WINDOW_BYTES },
    })();
  const called = factoryFor(remoteStreams);
  // A relay that this daemon has called opens a stream for each peer.
  const calling = factoryFor(8 * remoteStreams);
  return {
    ...called,
    protocol: called.protocol,
    createStreamMuxer: (connection) => {
      const factory = connection.direction === 'inbound' ? called : calling;
      return guard(
        connection,
        () => factory.createStreamMuxer(connection),
        terms,
      );
    },
  };
};

const guard = (
  connection: MuxedConnection,
  makeMuxer: () => Muxer,
  { limits, bulkProtocols, watch }: Terms,
): Muxer => {
  const cut = (reason: string): void => {
    const error = Error(reason);
    muxer.abort(error);
    connection.abort(error);
  };
  const pulse: Pulse = { isAlive: true, silentTicks: 0, cut };
  /** By id of the stream, for those that others have opened. */
  const sideBytes = new Map<number, number>();

  const note = (streamId: number): void => {
    if (sideBytes.size > MAX_NOTED) {
      const open = new Set(muxer.streams.map(({ id }) => Number(id)));
      for (const id of sideBytes.keys()) {
        if (!open.has(id)) {
          sideBytes.delete(id);
        }
      }
    }
    sideBytes.set(streamId, 0);
  };

  const problemOf = ({
    type,
    flags,
    streamId,
    length,
  }: Header): string | undefined => {
    if ((flags & SYN) !== 0) {
      note(streamId);
    }
    if (type !== DATA_TYPE) {
      return undefined;
    }
    if (length > WINDOW_BYTES) {
      return 'the peer announced more data than it was allowed';
    }
    const before = sideBytes.get(streamId);
    if (before === undefined) {
      return undefined;
    }
    const id = String(streamId);
    // Not there yet if it is opened by the same message.
    const stream = muxer.streams.find((one) => one.id === id);
    if (stream !== undefined && bulkProtocols.has(stream.protocol)) {
      sideBytes.delete(streamId);
      return undefined;
    }
    sideBytes.set(streamId, before + length);
    return before + length > limits.remoteSideBytes
      ? 'the peer sent too much on a stream that is not a link'
      : undefined;
  };

  const read = makeHeaderReader(problemOf);
  // Before the multiplexer adds its own: what is refused does not reach it.
  connection.addEventListener('message', (event) => {
    pulse.isAlive = true;
    const { data } = event;
    const problem =
      connection.writeBufferLength > MAX_UNREAD_BYTES
        ? 'the peer does not read what it is answered'
        : read(data instanceof Uint8Array ? [data] : data);
    if (problem !== undefined) {
      event.stopImmediatePropagation();
      cut(problem);
    }
  });
  const muxer = makeMuxer();
  const { abort } = muxer;
  // It tells the other side, and throws if that is gone already.
  muxer.abort = (error) => {
    try {
      abort.call(muxer, error);
    } catch {
      connection.abort(error);
    }
  };
  connection.addEventListener('close', watch(pulse));
  return muxer;
};

/** Follows the headers of yamux through the bytes; returns the first problem that is found with one. */
const makeHeaderReader = (
  problemOf: (header: Header) => string | undefined,
): ((parts: Iterable<Uint8Array>) => string | undefined) => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let bodyBytes = 0;

  /** How far it got: to the end of a header, or of the part. */
  const readOn = (part: Uint8Array, from: number): number => {
    const start = Math.min(from + bodyBytes, part.length);
    bodyBytes -= start - from;
    const taken = part.subarray(start, start + HEADER_BYTES - headerBytes);
    bytes.set(taken, headerBytes);
    headerBytes += taken.length;
    return start + taken.length;
  };

  const takeHeader = (): Header => {
    const type = bytes.readUInt8(1);
    const length = bytes.readUInt32BE(8);
    headerBytes = 0;
    bodyBytes = type === DATA_TYPE ? length : 0;
    return {
      type,
      length,
      flags: bytes.readUInt16BE(2),
      streamId: bytes.readUInt32BE(4),
    };
  };

  return (parts) => {
    for (const part of parts) {
      for (let at = 0; at < part.length;) {
        at = readOn(part, at);
        const problem =
          headerBytes === HEADER_BYTES ? problemOf(takeHeader()) : undefined;
        if (problem !== undefined) {
          return problem;
        }
      }
    }
    return undefined;
  };
};
