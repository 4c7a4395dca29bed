/** Code of one vat in many versions, and code that cannot take its place. */
import {
  bundleOf,
  inlineBundle,
  vatSource,
} from '../../../packages/nodejs/src/testing/vat-source.ts';

/** `label` tells the versions apart. */
export const version = (
  label: string,
  extra = '',
  kinds = bothKinds(label),
): string => `
  if (!baggage.has('n')) { baggage.init('n', 0); baggage.init('made', harden([])); }
  for (const name of ['Ticket', 'Pair']) if (!baggage.has(name)) baggage.init(name, VatData.makeKindHandle(name));
  let inHeap = 0;
  ${extra}
  ${kinds}
  return makeDefaultExo('Counter', {
    version: () => '${label}',
    inc: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
    beat: () => { inHeap += 1; return inHeap; },
    ticket: (holder) => makeTicket(holder),
    reader: () => makePair().reader,
    heap: () => makeDefaultExo('Heap', { hi: () => 'hi' }),
    wait: () => new Promise(() => {}),
    parameters: () => parameters,
    keep: (it) => { baggage.has('kept') ? baggage.set('kept', it) : baggage.init('kept', it); },
    callKept: () => E(baggage.get('kept')).version(),
  });`;

const bothKinds = (label: string): string => `
  const makeTicket = VatData.defineDurableKind(baggage.get('Ticket'), (holder) => ({ holder }), { show: ({ state }) => '${label} ' + state.holder });
  const makePair = VatData.defineDurableKindMulti(baggage.get('Pair'), () => ({ n: 0 }), { reader: { read: ({ state }) => '${label} ' + state.n }, writer: { write: ({ state }) => { state.n += 1; } } });`;

const returning = (root: string): string =>
  vatSource(
    `${version('bad').split('return makeDefaultExo')[0]} return ${root};`,
  );

export type Bad = readonly [name: string, bundleSpec: string];

/** New code that must not take over. */
export const bad: readonly Bad[] = [
  ['throws at load', bundleOf('throw Error("bad luck")')],
  ['has a fault of syntax', bundleOf('return (')],
  ['is no bundle', inlineBundle('hello')],
  ['is a bundle of an unknown kind', inlineBundle('{"moduleFormat":"none"}')],
  ['exports nothing', bundleOf('var __vatExports__ = {};')],
  ['cannot be found', 'file:///nowhere.bundle'],
  [
    'throws in buildRootObject',
    vatSource(version('bad', `throw Error('not so');`)),
  ],
  [
    'writes and then throws',
    vatSource(version('bad', `baggage.set('n', 99); throw Error('too late');`)),
  ],
  [
    'sends and then throws',
    vatSource(
      version('bad', `E(baggage.get('kept')).inc(); throw Error('too late');`),
    ),
  ],
  [
    'deletes what is durable and then throws',
    vatSource(version('bad', `baggage.delete('n'); throw Error('x');`)),
  ],
  [
    'does not take up a kind again',
    vatSource(version('bad', '', bothKinds('bad').split('\n')[1])),
  ],
  [
    'takes a facet away',
    vatSource(
      version(
        'bad',
        '',
        bothKinds('bad').replace(/, writer: \{.*\} \}\);/su, ' });'),
      ),
    ),
  ],
  ['never finishes', vatSource('return new Promise(() => {})')],
  ['returns nothing', returning('undefined')],
  ['returns what is no object for others', returning('harden({ a: 1 })')],
  [
    'ends itself while it starts',
    vatSource(version('bad', `vatPowers.exitVat('bye');`)),
  ],
  [
    'ends itself with a failure while it starts',
    vatSource(version('bad', `vatPowers.exitVatWithFailure(Error('bye'));`)),
  ],
];

/** The same, where it takes a deadline to know. */
export const slow: readonly Bad[] = [
  ['spins while it starts', vatSource(version('bad', 'for (;;);'))],
  [
    'takes all memory while it starts',
    vatSource(
      version(
        'bad',
        'const all = []; for (;;) all.push(new Array(1e5).fill(1.5));',
      ),
    ),
  ],
  [
    'throws what cannot be looked at',
    vatSource(
      version(
        'bad',
        `throw new Proxy({}, new Proxy({}, { get() { throw Error('trap'); } }));`,
      ),
    ),
  ],
];
