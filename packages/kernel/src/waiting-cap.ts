/**
 * The cap on what one sender has waiting. A crank that goes beyond it is undone;
 * a client that does is refused. One that sends nothing more is left alone, so
 * that what waits can be worked off. And the caps on answers that are kept: for
 * another kernel, and for whoever has an access.
 */
import {
  fail,
  isRemoteId,
  type LimitValues,
  type OcapError,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { accessOf } from './store/recorded-answers.ts';
import type { Giver, Message } from './store/rows.ts';
import type { Load } from './store/waiting.ts';
import { BeyondLimit } from './store-cap.ts';

type Excess = Readonly<{
  limit: 'waitingMessages' | 'waitingBytes';
  value: number;
  max: number;
  unit: string;
}>;

const excessOf = (
  { messages, chars }: Load,
  { waitingMessages, waitingBytes }: LimitValues,
): Excess | undefined =>
  messages > waitingMessages
    ? {
        limit: 'waitingMessages',
        value: messages,
        max: waitingMessages,
        unit: 'messages that wait',
      }
    : chars > waitingBytes
      ? {
          limit: 'waitingBytes',
          value: chars,
          max: waitingBytes,
          unit: 'characters that wait',
        }
      : undefined;

type CapContext = Pick<KernelContext, 'store' | 'powers'>;

/** Before the savepoint of a crank; what it returns, within it. @throws BeyondLimit */
export const beginWaitingCheck = (
  { store, powers }: CapContext,
  vatId: VatId,
): (() => void) => {
  const sender = store.vats.get(vatId)?.subclusterId;
  if (sender === undefined) {
    return () => undefined;
  }
  const before = store.waiting(sender);
  return () => {
    const after = store.waiting(sender);
    const excess = excessOf(after, powers.limits);
    const hasSent =
      after.messages > before.messages || after.chars > before.chars;
    if (excess !== undefined && hasSent) {
      throw new BeyondLimit(excess.limit, excess.max);
    }
  };
};

/**
 * Why a message of another kernel is not delivered that has too much of what it
 * was answered kept for it; undefined if it is. One that asks for nothing is.
 */
export const answersExcess = (
  { store, powers }: CapContext,
  { sender, result }: Message,
): OcapError | undefined => {
  if (result === null || !isRemoteId(sender)) {
    return undefined;
  }
  const value = store.remoteAnswers(sender).chars;
  const max = powers.limits.remoteAnswerBytes;
  return value < max
    ? undefined
    : fail('LIMIT_REACHED', {
        limit: 'remoteAnswerBytes',
        value,
        max,
        unit: 'characters of answers that the caller has not taken or forgotten yet',
      });
};

/** After a message of a client was queued, in the same savepoint. @throws LIMIT_REACHED */
export const insistBelowWaitingCap = (
  { store, powers }: CapContext,
  sender: Giver,
): void => {
  const excess = excessOf(store.waiting(sender), powers.limits);
  if (excess !== undefined) {
    throw fail('LIMIT_REACHED', excess);
  }
};

/** Whoever has an access makes the ids, and what is recorded stays for the lease. @throws LIMIT_REACHED */
export const insistRoomToRecord = (
  { store, powers }: CapContext,
  requestId: string,
): void => {
  const access = accessOf(requestId);
  const value = access === undefined ? 0 : store.requests.sizeFor(access);
  const max = powers.limits.accessAnswerBytes;
  if (value >= max) {
    throw fail('LIMIT_REACHED', {
      limit: 'accessAnswerBytes',
      value,
      max,
      unit: 'characters of recorded answers',
    });
  }
};
