/**
 * What every check demands of its daemon when it is over: it is alive, it is
 * still the same process, it answers, and its books are in order.
 */
import Database from 'better-sqlite3';
import { makeClient } from '@ocap/nodejs/client';
import type { AuditReport } from '@ocap/kernel';
import { messageOf } from '@ocap/kernel-utils';
import type { Fact } from './facts.ts';
import type { ScoreDaemon } from './score-daemon.ts';

const STATUS_MS = 1000;
/** Recounting a large store takes its time; it is not what is measured here. */
const AUDIT_MS = 60_000;

export const examine = async ({
  home,
  pid,
}: ScoreDaemon): Promise<readonly Fact[]> => {
  const client = makeClient({ socketPath: home.socketPath });
  const ask = async (method: string, timeoutMs: number): Promise<unknown> =>
    client.call(method, [], { timeoutMs }).catch(messageOf);
  try {
    const alive = home.daemonPid();
    const status = await ask('getStatus', STATUS_MS);
    const integrity = integrityOf(home.databasePath);
    const audit = (await ask('audit', AUDIT_MS)) as AuditReport | string;
    return [
      {
        fact: 'at the end, the daemon is alive and the same process',
        holds: alive === pid(),
        found: `${alive} and not ${pid()}`,
      },
      {
        fact: `at the end, getStatus is answered within ${STATUS_MS} ms`,
        holds: typeof status === 'object',
        found: String(status),
      },
      {
        fact: 'at the end, PRAGMA integrity_check is ok',
        holds: integrity === 'ok',
        found: integrity,
      },
      {
        fact: 'at the end, the audit is clean',
        holds: typeof audit === 'object' && audit.ok,
        found: typeof audit === 'object' ? [...audit.problems] : audit,
      },
    ];
  } finally {
    client.close();
  }
};

/** Read with a connection of our own, beside the daemon's. */
const integrityOf = (path: string): string => {
  try {
    const database = new Database(path, { readonly: true, timeout: 5000 });
    try {
      return String(database.pragma('integrity_check', { simple: true }));
    } finally {
      database.close();
    }
  } catch (thrown) {
    return messageOf(thrown);
  }
};
