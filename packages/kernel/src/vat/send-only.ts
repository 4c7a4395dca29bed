/**
 * `E` with a `sendOnly` that sends. liveslots 0.11 registers the result promise
 * of every message, and `E.sendOnly` of eventual-send gives it none: the message
 * is dropped without a word. Here a message whose result nobody wants is sent
 * like any other and its result ignored.
 */
import { E as plainE } from '@endo/eventual-send';
import harden from '@endo/harden';

type Send = (...args: unknown[]) => Promise<unknown>;
type Sends = Send & Record<PropertyKey, Send>;

const ignore = (result: Promise<unknown>): undefined => {
  result.catch(() => undefined);
  return undefined;
};

const sendOnly = (target: unknown): object => {
  const sends = plainE(target) as unknown as Sends;
  return new Proxy(() => undefined, {
    get: (_, method) =>
      harden((...args: unknown[]) => ignore((sends[method] as Send)(...args))),
    apply: (_, __, args: unknown[]) => ignore(sends(...args)),
    has: () => true,
    set: () => false,
    deleteProperty: () => false,
    defineProperty: () => false,
  });
};

const { get, resolve, when } = plainE;

export const E = harden(
  Object.assign((target: unknown) => plainE(target), {
    get,
    resolve,
    when,
    sendOnly,
  }),
);
