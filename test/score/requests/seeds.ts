/**
 * A good request for every method, from which the others are made, and how often:
 * those that start processes come seldom. No address of a network is among them,
 * so none can come of them.
 */
import { vatSource } from '../../../packages/nodejs/src/testing/vat-source.ts';

export type Seed = Readonly<{
  method: string;
  params: readonly unknown[] | Readonly<Record<string, unknown>>;
  /** How often, compared with the others; by default 300. */
  weight?: number;
}>;

/** The name of the object that the requests are about. */
export const TOY = 'toy';

export const toySource = vatSource(
  `return makeDefaultExo('Toy', { hi: () => 'hi', echo: (x) => x, fail: () => { throw Error('no'); }, self: () => makeDefaultExo('Part', {}) });`,
);

export const toyConfig = {
  bootstrap: 'main',
  vats: { main: { bundleSpec: toySource, placement: 'shared' } },
};

const SELDOM = 1;

export const seeds: readonly Seed[] = [
  { method: 'getStatus', params: [] },
  { method: 'launchSubcluster', params: { config: toyConfig }, weight: SELDOM },
  { method: 'terminateSubcluster', params: ['s1'], weight: SELDOM },
  {
    method: 'queueMessage',
    params: [TOY, 'echo', [{ '@ref': TOY }, 7, 'x'], { requestId: 'r1' }],
    weight: 2000,
  },
  { method: 'queueMessage', params: { target: TOY, method: 'fail', args: [] } },
  { method: 'initRemoteComms', params: { listen: [] }, weight: SELDOM },
  { method: 'registerLocationHints', params: ['12D3KooW', ['x']] },
  { method: 'pingVat', params: ['v1'], weight: 50 },
  { method: 'restartVat', params: ['v1'], weight: SELDOM },
  { method: 'revoke', params: [TOY], weight: SELDOM },
  { method: 'isRevoked', params: [TOY] },
  { method: 'issueOcapURL', params: [TOY, { uses: 1 }] },
  { method: 'redeemOcapURL', params: ['ocap:00@12D3KooW'] },
  { method: 'grantAccess', params: ['object', TOY], weight: 10 },
  { method: 'listAccesses', params: [], weight: 5 },
  { method: 'getLimits', params: [], weight: 5 },
  { method: 'getMetrics', params: [], weight: 5 },
  // After it, the connection can do nothing.
  { method: 'authorize', params: ['0'.repeat(64)], weight: SELDOM },
  { method: 'listCaps', params: ['s1'] },
  { method: 'setLogLevel', params: ['warn'], weight: 50 },
  {
    method: 'upgradeVat',
    params: { id: 'v1', bundleSpec: toySource, parameters: {} },
    weight: SELDOM,
  },
  { method: 'terminateVat', params: ['v1'], weight: SELDOM },
  { method: 'terminateAllVats', params: [], weight: SELDOM },
  { method: 'collectGarbage', params: [], weight: SELDOM },
  { method: 'clearState', params: [], weight: SELDOM },
  {
    method: 'executeDBQuery',
    params: ['SELECT id, name FROM vats'],
    weight: 5,
  },
  { method: 'setName', params: ['other', TOY] },
  { method: 'removeName', params: ['other'] },
  { method: 'listNames', params: [] },
  { method: 'describe', params: [TOY] },
  { method: 'subscribe', params: { topics: ['vat'], cursor: 'e1' } },
  { method: 'unsubscribe', params: ['sub1'] },
  { method: 'audit', params: [], weight: SELDOM },
  { method: 'ping', params: [] },
  { method: 'shutdown', params: [], weight: 50 },
  { method: 'rpc.discover', params: [], weight: SELDOM },
];
