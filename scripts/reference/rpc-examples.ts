/**
 * What the method table does not say of a method: parameters that one might
 * send, and the codes of `errors.ts` that it can answer with beyond those that
 * every method has.
 */
import type { ErrorCode } from '../../packages/kernel-utils/src/errors.ts';

export type RpcExample = Readonly<{
  params: readonly unknown[];
  /** What the types of the parameters do not say. */
  note?: string;
  errors?: readonly ErrorCode[];
}>;

const config = {
  bootstrap: 'counter',
  vats: { counter: { sourceSpec: 'file:///home/me/counter.js' } },
};

export const rpcExamples: Readonly<Record<string, RpcExample>> = {
  issueOcapURL: {
    params: ['bank', { uses: 1 }],
    note: '`revoke` takes the id.',
    errors: ['REF_UNKNOWN', 'NAME_UNKNOWN', 'IDENTITY_UNUSABLE'],
  },
  grantAccess: {
    params: ['object', 'bank', 1_767_225_600_000, 'agent'],
    note: 'What each kind can do is told under [access](#access). The token is told here and never again. `revoke` takes the id.',
    errors: [
      'REF_UNKNOWN',
      'NAME_UNKNOWN',
      'SUBCLUSTER_UNKNOWN',
      'NAME_INVALID',
      'ARGUMENT_INVALID',
    ],
  },
  listAccesses: { params: [] },
  getLimits: { params: [] },
  getMetrics: {
    params: [],
    note: '`ocap daemon metrics` writes them as Prometheus reads them.',
  },
  authorize: {
    params: ['9f86d081884c7d65…'],
    note: 'See [access](#access). Requests that come after it wait for it. If it fails, the connection can do nothing but try again.',
    errors: [
      'ACCESS_UNKNOWN',
      'ACCESS_ENDED',
      'ACCESS_UNSUPPORTED',
      'LIMIT_REACHED',
    ],
  },
  initRemoteComms: {
    params: [['/ip4/0.0.0.0/tcp/4001']],
    errors: ['REMOTE_COMMS_FAILED'],
  },
  registerLocationHints: {
    params: [
      '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV',
      ['/ip4/192.0.2.7/tcp/4001'],
    ],
    errors: ['LIMIT_REACHED'],
  },
  redeemOcapURL: {
    params: ['ocap:9f…@12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV'],
    errors: [
      'URL_INVALID',
      'URL_UNKNOWN',
      'URL_ENDED',
      'URL_REFUSED',
      'PEER_UNREACHABLE',
      'REMOTE_COMMS_FAILED',
      'LIMIT_REACHED',
    ],
  },
  listCaps: {
    params: ['s1'],
    note: '`target` is a vat id, a subcluster id, or a reference or petname, which stands for the subcluster of its object.',
    errors: ['VAT_UNKNOWN', 'SUBCLUSTER_UNKNOWN', 'OBJECT_GONE'],
  },
  getStatus: { params: [] },
  launchSubcluster: {
    params: [config],
    errors: [
      'CONFIG_INVALID',
      'BUNDLE_NOT_FOUND',
      'SOURCE_INVALID',
      'LAUNCH_FAILED',
      'BOOTSTRAP_FAILED',
      'SHUTTING_DOWN',
      'STORAGE_FULL',
    ],
  },
  terminateSubcluster: { params: ['s1'], errors: ['SUBCLUSTER_UNKNOWN'] },
  queueMessage: {
    params: [
      'bank',
      'deposit',
      [{ '@ref': 'alice' }, 100],
      { requestId: 'rent-7' },
    ],
    note: 'In a list, `requestId` is a field of a fourth parameter, as below. The same id is applied once, and asked again gets the recorded answer.',
    errors: [
      'CALL_REJECTED',
      'REF_UNKNOWN',
      'NAME_UNKNOWN',
      'ARGUMENT_INVALID',
      'LIMIT_REACHED',
      'REQUEST_ID_REUSED',
      'INTERRUPTED',
      'SHUTTING_DOWN',
      'STORAGE_FULL',
    ],
  },
  pingVat: {
    params: ['v1'],
    errors: ['VAT_UNKNOWN', 'VAT_BUSY', 'DELIVERY_FAILED'],
  },
  restartVat: { params: ['v1'], errors: ['VAT_UNKNOWN', 'DELIVERY_FAILED'] },
  setLogLevel: { params: ['debug'] },
  upgradeVat: {
    params: ['v1', 'file:///home/me/counter.bundle'],
    note: 'Exactly one of `bundleSpec` and `sourceSpec` must be given. Without `parameters` the vat keeps those that it has.',
    errors: [
      'VAT_UNKNOWN',
      'BUNDLE_NOT_FOUND',
      'SOURCE_INVALID',
      'CONFIG_INVALID',
      'UPGRADE_FAILED',
      'SHUTTING_DOWN',
      'STORAGE_FULL',
    ],
  },
  terminateVat: { params: ['v1'], errors: ['VAT_UNKNOWN'] },
  terminateAllVats: { params: [] },
  collectGarbage: { params: [] },
  clearState: { params: [] },
  executeDBQuery: {
    params: ['SELECT id, name FROM vats'],
    errors: ['SQL_REFUSED'],
  },
  setName: {
    params: ['alice', 'ko12'],
    errors: [
      'NAME_INVALID',
      'NAME_TAKEN',
      'NAME_UNKNOWN',
      'REF_UNKNOWN',
      'ARGUMENT_INVALID',
    ],
  },
  removeName: { params: ['alice'], errors: ['NAME_UNKNOWN'] },
  listNames: { params: [] },
  describe: { params: ['alice'], errors: ['NAME_UNKNOWN', 'REF_UNKNOWN'] },
  revoke: {
    params: ['alice'],
    note: '`kref` may be a name. Calls to it fail with `OBJECT_REVOKED` from now on, also those that wait already.',
    errors: ['NAME_UNKNOWN', 'REF_UNKNOWN', 'ARGUMENT_INVALID'],
  },
  isRevoked: {
    params: ['alice'],
    errors: ['NAME_UNKNOWN', 'REF_UNKNOWN', 'ARGUMENT_INVALID'],
  },
  subscribe: {
    params: [['vat', 'log'], 'e12.1767225600000', 'warn'],
    note: 'What it tells is described under [events](#events). Without a `cursor` it tells what happens from now on. `level` is that of the topic `log`. It needs an `id`.',
    errors: [
      'LIMIT_REACHED',
      'TOPIC_UNAVAILABLE',
      'EVENTS_UNSUPPORTED',
      'SHUTTING_DOWN',
    ],
  },
  unsubscribe: { params: ['sub1'], errors: ['SUBSCRIPTION_UNKNOWN'] },
  audit: { params: [] },
  ping: { params: [] },
  shutdown: { params: [] },
  'rpc.discover': { params: [] },
};
