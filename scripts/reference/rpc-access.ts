/** The part of the RPC reference on what a connection may do, and how it comes to that. */
import { limits } from '../../packages/kernel-utils/src/limits.ts';
import { amountText } from '../../packages/kernel-utils/src/limit-amount.ts';
import { code, table } from './markdown.ts';

const kinds: readonly (readonly [
  kind: string,
  methods: readonly string[],
  about: string,
])[] = [
  [
    'object',
    ['queueMessage', 'describe', 'isRevoked', 'listNames'],
    'that object, by its reference, by the name of the access or the petname that it was granted under, and whatever references came in answers on this connection; nothing else, neither as target nor in arguments',
  ],
  [
    'subcluster',
    [
      'getStatus',
      'terminateSubcluster',
      'pingVat',
      'restartVat',
      'upgradeVat',
      'terminateVat',
      'listCaps',
      'listNames',
    ],
    'that subcluster and its vats, as if there were no others; a `bundleSpec` must be a `data:` URL',
  ],
  [
    'status',
    ['getStatus', 'listNames'],
    'vats, subclusters and processes, without the contents of configs, other kernels and references',
  ],
];

export const accessParts = (): string[] => [
  '## Access',
  'Each connection has a _facet_ at every moment: the methods that there are for it, and how far they reach. A connection to the socket of the home begins with all of them. `authorize`, with a token that `grantAccess` has made, gives it the facet of that access instead, from the next request on; its subscriptions end. An `authorize` that fails leaves it with none.',
  table(
    ['kind', 'methods', 'of what'],
    kinds.map(([kind, methods, about]) => [
      code(kind),
      methods.map(code).join(', '),
      about,
    ]),
  ),
  `Each also has \`authorize\`, \`ping\` and \`rpc.discover\`, which lists only what the facet has. Other methods answer with \`NOT_PERMITTED\`, references that a connection does not hold with \`REF_NOT_HELD\`, whether they exist or not. A connection holds the newest ${amountText(limits.accessReferences)} that came to it; another connection begins anew. Whether an access is still good is looked at before each request and before its answer: once it was revoked or its time is over, everything but \`authorize\` answers with \`ACCESS_ENDED\`. A \`requestId\` is one of the access, not that of others who use the same text.`,
];
