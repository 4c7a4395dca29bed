/** What both clients do: calls of a method `ping`, so many and so many at once. */
import { rate } from '../tools/rate.ts';
import { doWork } from './do-work.js';

export const callPing = async (ping) => {
  const answer = await ping();
  // One that fails fast would be no peer.
  if (answer !== 'pong') throw Error(`the peer answers ${answer}`);
  doWork(async ({ calls, inFlight }) => rate(calls, inFlight, ping));
};
