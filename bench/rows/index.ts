/** All rows, in the order of the table. */
import type { Row } from '../tools/row.ts';
import { besideRows } from './beside.ts';
import { clientRows } from './clients.ts';
import { coldStart } from './cold-start.ts';
import { databaseRows } from './database-rows.ts';
import { durableRows } from './durable-calls.ts';
import { getStatusRows } from './get-status.ts';
import { latencyRows } from './latency.ts';
import { launchRows } from './launch.ts';
import { mapRows } from './map.ts';
import { memoryRows } from './memory.ts';
import { sizeRows } from './message-size.ts';
import { processorRows } from './processor-time.ts';
import { purseRows } from './purses.ts';
import { remoteRows } from './remote-calls.ts';
import { restart } from './restart.ts';
import { rpcPeerRows } from './rpc-peers.ts';
import { swingsetRows } from './swingset.ts';
import { twoVatsRows } from './two-vats.ts';
import { warmExec } from './warm-exec.ts';

export const rows: readonly Row[] = [
  warmExec,
  coldStart,
  ...launchRows,
  ...memoryRows,
  ...getStatusRows,
  ...durableRows,
  ...clientRows,
  ...latencyRows,
  ...besideRows,
  ...sizeRows,
  ...mapRows,
  ...twoVatsRows,
  ...purseRows,
  ...remoteRows,
  restart,
  databaseRows,
  ...processorRows,
  ...swingsetRows,
  ...rpcPeerRows,
];
