/** The part of the RPC reference on what the daemon says unasked. */
import { limits } from '../../packages/kernel-utils/src/limits.ts';
import { amountText } from '../../packages/kernel-utils/src/limit-amount.ts';
import { block, code, table } from './markdown.ts';

const example = {
  jsonrpc: '2.0',
  method: 'event',
  params: {
    subscription: 'sub1',
    cursor: 'e12.1767225600000',
    at: 1_767_225_600_000,
    topic: 'vat',
    type: 'terminated',
    vat: 'v1',
    name: 'main',
    subclusterId: 's1',
    reason: 'an operator ended it',
  },
};

const kinds: readonly (readonly [
  topic: string,
  type: string,
  about: string,
])[] = [
  ['vat', 'launched', 'vat, name, subclusterId'],
  ['vat', 'upgraded', 'vat, name'],
  ['vat', 'lost its process', 'vat, reason'],
  ['vat', 'halted', 'vat, reason'],
  ['vat', 'terminated', 'vat, name, subclusterId, reason'],
  ['subcluster', 'launched', 'subclusterId, system'],
  ['subcluster', 'ended', 'subclusterId'],
  [
    'grant',
    'revoked',
    'ref, and grant or url where it was not the whole object; of an access: access, kind',
  ],
  ['log', 'debug, info, warn, error', 'message, and fields if it has any'],
  ['any', 'gap', 'reason'],
];

export const eventParts = (): string[] => [
  '## Events',
  'After `subscribe`, the daemon sends notifications on that connection, one a line:',
  block('', JSON.stringify(example)),
  'Each has the subscription that it belongs to, a `cursor`, the time `at` which it happened (epoch ms), its `topic` and its `type`. What else it has depends on these:',
  table(
    ['topic', 'type', 'about'],
    kinds.map(([topic, type, about]) => [
      topic === 'any' ? 'each' : code(topic),
      type.split(', ').map(code).join(', '),
      about,
    ]),
  ),
  'There may be more types and more fields in time: pass over those that you do not know.',
  'Events of `vat`, `subcluster` and `grant` are sent once they are on disk, each once and in the order in which they happened; the first comes after the answer of `subscribe`. What was before (see `cursor`) is sent before any later request is answered. Lines of the log are sent as they are written, if the level of the log lets them through.',
  'A **cursor** is text that only the daemon reads. It is the place after its event: `subscribe` with it tells first all that has happened since, then what happens, also with another connection and after the daemon was restarted or killed. `oldest` stands for the place before all that is kept. The cursor in the answer of `subscribe` is the place at which the subscription begins. A cursor is meant for a subscription of the same topics; of the log, one without a place in it tells what is written from then on.',
  `Kept are the newest ${amountText(limits.eventsKept)} events, and, while a daemon runs, the newest ${amountText(limits.logLinesKept)} lines of its log. Where there is more between a cursor and what is kept, or the cursor is of another database or of the log of an earlier run, an event of the type \`gap\` comes first, one for each topic, and then all that is kept: look at the state (\`getStatus\`) anew. A gap may be told although none of its events was of that topic.`,
  'A subscription ends with `unsubscribe`, or with its connection, also where the client closes only its half. A client that does not read is disconnected when too much lies unread (`unreadOutputBytes`). `@ocap/nodejs/client` has `subscribe(topics, {cursor, level, onEvent, onLost})`, which goes on by itself with the next connection.',
];
