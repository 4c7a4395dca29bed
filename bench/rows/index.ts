/** All rows, in the order of the table. */
import type { Row } from '../tools/row.ts';
import { coldStart } from './cold-start.ts';
import { databaseRows } from './database-rows.ts';
import { durableRows } from './durable-calls.ts';
import { getStatusRows } from './get-status.ts';
import { launchRows } from './launch.ts';
import { memoryRows } from './memory.ts';
import { restart } from './restart.ts';
import { twoVatsRows } from './two-vats.ts';
import { warmExec } from './warm-exec.ts';

export const rows: readonly Row[] = [
  warmExec,
  coldStart,
  ...launchRows,
  ...memoryRows,
  ...getStatusRows,
  ...durableRows,
  ...twoVatsRows,
  restart,
  databaseRows,
];
