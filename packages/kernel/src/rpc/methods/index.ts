/** The method table. A method that is not in it does not exist at the socket. */
import type { RpcMethod } from '../method.ts';
import { audit } from './audit.ts';
import { authorize } from './authorize.ts';
import { clearState } from './clear-state.ts';
import { collectGarbage } from './collect-garbage.ts';
import { describe } from './describe.ts';
import { executeDBQuery } from './execute-db-query.ts';
import { getLimits } from './get-limits.ts';
import { getMetrics } from './get-metrics.ts';
import { grantAccess } from './grant-access.ts';
import { getStatus } from './get-status.ts';
import { launchSubcluster } from './launch-subcluster.ts';
import { initRemoteComms } from './init-remote-comms.ts';
import { registerLocationHints } from './register-location-hints.ts';
import { issueOcapURL } from './issue-ocap-url.ts';
import { redeemOcapURL } from './redeem-ocap-url.ts';
import { listAccesses } from './list-accesses.ts';
import { listCaps } from './list-caps.ts';
import { listNames } from './list-names.ts';
import { pingVat } from './ping-vat.ts';
import { ping } from './ping.ts';
import { queueMessage } from './queue-message.ts';
import { removeName } from './remove-name.ts';
import { restartVat } from './restart-vat.ts';
import { isRevoked } from './is-revoked.ts';
import { revoke } from './revoke.ts';
import { setLogLevel } from './set-log-level.ts';
import { upgradeVat } from './upgrade-vat.ts';
import { rpcDiscover } from './rpc-discover.ts';
import { setName } from './set-name.ts';
import { shutdown } from './shutdown.ts';
import { subscribe } from './subscribe.ts';
import { terminateAllVats } from './terminate-all-vats.ts';
import { terminateSubcluster } from './terminate-subcluster.ts';
import { terminateVat } from './terminate-vat.ts';
import { unsubscribe } from './unsubscribe.ts';

export const rpcMethods: readonly RpcMethod[] = [
  getStatus,
  launchSubcluster,
  terminateSubcluster,
  queueMessage,
  initRemoteComms,
  registerLocationHints,
  pingVat,
  restartVat,
  revoke,
  isRevoked,
  issueOcapURL,
  redeemOcapURL,
  grantAccess,
  listAccesses,
  authorize,
  listCaps,
  setLogLevel,
  getLimits,
  getMetrics,
  upgradeVat,
  terminateVat,
  terminateAllVats,
  collectGarbage,
  clearState,
  executeDBQuery,
  setName,
  removeName,
  listNames,
  describe,
  subscribe,
  unsubscribe,
  audit,
  ping,
  shutdown,
  rpcDiscover,
];
