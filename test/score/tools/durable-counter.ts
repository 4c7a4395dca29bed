/** A vat that counts on disk: what was counted and answered must be there after every restart. */
import { launchVat } from './launch-vat.ts';
import type { ScoreDaemon } from './score-daemon.ts';

export type DurableCounter = Readonly<{
  /** Its root object. */
  root: string;
  /** Counts once more; throws unless the answer is the number that is due. */
  next(): Promise<void>;
  /** For a call that may have counted without an answer: what it is now is due. */
  settle(): Promise<void>;
}>;

const counter = `
  if (!baggage.has('n')) baggage.init('n', 0);
  return makeDefaultExo('Counter', {
    next: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
    read: () => baggage.get('n'),
    spin: () => { for (;;); },
  });`;

export const openCounter = async (
  daemon: ScoreDaemon,
): Promise<DurableCounter> => {
  const { root } = await launchVat(daemon, counter);
  const { client } = daemon;
  let count = 0;
  return {
    root,
    next: async () => {
      const answer = await client.call(root, 'next');
      count += 1;
      if (answer !== count) {
        throw Error(`${count} was answered with ${JSON.stringify(answer)}`);
      }
    },
    settle: async () => {
      const answer = await client.call(root, 'read');
      if (answer !== count && answer !== count + 1) {
        throw Error(`${JSON.stringify(answer)} is counted and not ${count}`);
      }
      count = answer;
    },
  };
};
