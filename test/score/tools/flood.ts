/** Two vats of which one sends to the other as much as it is allowed to, without a pause. */
import { vatSource } from '../../../packages/nodejs/src/testing/vat-source.ts';
import type { ScoreDaemon } from './score-daemon.ts';

/** Messages of one delivery; it sends the next ones when the last of them is answered. */
const AT_A_TIME = 500;
/** So many of these go on side by side. */
const STREAMS = 4;

const source = vatSource(`
  let flooding = false;
  let count = 0;
  const flood = async (sink) => {
    while (flooding) {
      for (let i = 1; i < ${AT_A_TIME}; i += 1) E(sink).take().catch(() => {});
      await E(sink).take();
    }
  };
  return makeDefaultExo('Flood', {
    bootstrap: ({ sink }) => { baggage.init('sink', sink); },
    begin: () => {
      flooding = true;
      for (let i = 0; i < ${STREAMS}; i += 1) flood(baggage.get('sink')).catch(() => {});
    },
    end: () => { flooding = false; return E(baggage.get('sink')).taken(); },
    take: () => { count += 1; },
    taken: () => count,
  });`);

export type Flood = Readonly<{
  /** How many messages have arrived. */
  end(): Promise<number>;
}>;

export const beginFlood = async (daemon: ScoreDaemon): Promise<Flood> => {
  const { rootKref } = await daemon.launch({
    bootstrap: 'flooder',
    vats: {
      flooder: { placement: 'own', bundleSpec: source },
      sink: { placement: 'own', bundleSpec: source },
    },
  });
  await daemon.client.call(rootKref, 'begin');
  return {
    end: async () => Number(await daemon.client.call(rootKref, 'end')),
  };
};
