/**
 * Watches the streams of the relay protocol: counts what goes through circuits,
 * and keeps a sender from filling the relay's memory. The library joins two
 * streams by a queue without end, so whoever sends faster than the other end
 * reads would be stored here. So a sender is granted no more to send (its window
 * is not renewed) until what it sent has been passed on.
 */
import {
  RELAY_V2_HOP_CODEC,
  RELAY_V2_STOP_CODEC,
} from '@libp2p/circuit-relay-v2';
import { readHopAnswer } from './hop-status.ts';
import type { Stream } from './libp2p-types.ts';
import type { RelayCounts } from './relay-counts.ts';

// A receiver that still has this much to take may not have more brought to it.
const LOW_WATER_BYTES = 256 * 1024;

type Chunk = Parameters<Stream['send']>[0];

/** For libp2p, which tells of each stream before anything is read from it. */
export const makeStreamWatch = (
  counts: RelayCounts,
): ((stream: Stream) => void) => {
  // The library hands the very chunk that it got from one stream to the other:
  // that tells which two streams belong together.
  const origins = new WeakMap<Chunk, Stream>();

  const watchRelaying = (stream: Stream): void => {
    const dispatch = stream.dispatchEvent.bind(stream);
    stream.dispatchEvent = (event: Event) => {
      if (event.type === 'message') {
        origins.set((event as Event & { data: Chunk }).data, stream);
      }
      return dispatch(event);
    };
    const send = stream.send.bind(stream);
    stream.send = (chunk) => {
      const origin = origins.get(chunk);
      if (origin === undefined) return send(chunk);
      counts.totals.relayedBytes += chunk.byteLength;
      const takesMore = send(chunk);
      if (!takesMore) holdBack(origin, stream);
      return takesMore;
    };
  };

  return (stream) => {
    const isHop = stream.protocol === RELAY_V2_HOP_CODEC;
    const isStop = stream.protocol === RELAY_V2_STOP_CODEC;
    if (isHop) watchAnswer(stream, counts);
    if (isHop || isStop) watchRelaying(stream);
  };
};

/** Looks at the first message that is sent to who asked for something. */
const watchAnswer = (stream: Stream, counts: RelayCounts): void => {
  const send = stream.send.bind(stream);
  stream.send = (chunk) => {
    stream.send = send;
    switch (readHopAnswer(chunk.subarray())) {
      case 'reserved':
        counts.totals.reservations += 1;
        break;
      case 'connected':
        countCircuit(stream, counts);
        break;
      case 'reservation refused':
        counts.refused.reservations += 1;
        break;
      case 'circuit refused':
        counts.refused.circuits += 1;
        break;
      case 'malformed':
        counts.refused.malformed += 1;
        break;
      case 'denied':
      case undefined:
    }
    return send(chunk);
  };
};

const countCircuit = (stream: Stream, counts: RelayCounts): void => {
  counts.totals.circuits += 1;
  counts.openCircuits += 1;
  const onClose = ({ error }: { error?: Error }): void => {
    counts.openCircuits -= 1;
    if (error?.name === 'TransferLimitError') counts.totals.cutByBytes += 1;
    if (error?.name === 'DurationLimitError') counts.totals.cutByTime += 1;
  };
  stream.addEventListener('close', onClose, { once: true });
};

/**
 * Not the stream's own `pause`: what had arrived by then would be lost if the
 * sender closed before it was resumed.
 */
type Windowed = Readonly<{ sendPause(): void; sendResume(): void }>;

const hasWindow = (stream: Stream): stream is Stream & Windowed =>
  'sendPause' in stream && 'sendResume' in stream;

const ended: readonly string[] = ['closed', 'aborted', 'reset'];

const holdBack = (sender: Stream, receiver: Stream): void => {
  if (!hasWindow(sender)) return;
  sender.sendPause();
  const events = ['drain', 'idle', 'close'] as const;
  const look = (event: Event): void => {
    const isOver = event.type === 'close';
    if (!isOver && receiver.writeBufferLength > LOW_WATER_BYTES) return;
    for (const name of events) receiver.removeEventListener(name, look);
    if (!ended.includes(sender.status)) sender.sendResume();
  };
  for (const name of events) receiver.addEventListener(name, look);
};
