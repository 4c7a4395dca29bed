/**
 * Runs the SQL of clients, one query after the other, in a process that is
 * there only while it is needed: started by the first query, ended when none
 * came for a while, replaced when one went too far.
 */
import { fail, messageOf, type Logger } from '@ocap/kernel-utils';
import type { QueryRow } from '@ocap/kernel';
import {
  spawnQueryProcess,
  type QueryLimits,
  type QueryProcess,
} from './query-process.ts';

/** Long enough for somebody who looks, thinks, and looks again. */
const IDLE_MS = 10_000;

export type QueryRunner = Readonly<{
  /**
   * The rows as they were committed last: of whatever was answered before.
   * Rejects with SQL_REFUSED.
   */
  query(sql: string): Promise<readonly QueryRow[]>;
  /** Ends the process; who waits for rows gets an error. */
  close(): Promise<void>;
}>;

export const makeQueryRunner = ({
  databasePath,
  limits,
  logger,
  idleMs = IDLE_MS,
}: Readonly<{
  databasePath: string;
  limits: QueryLimits;
  logger: Logger;
  idleMs?: number;
}>): QueryRunner => {
  /** Settles when the queries before have been run. */
  let earlier: Promise<unknown> = Promise.resolve();
  let current: QueryProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): QueryProcess => {
    const started = spawnQueryProcess({ databasePath, limits, logger });
    void started.ended.then(() => {
      if (current === started) current = undefined;
    });
    return started;
  };

  const retire = async (): Promise<void> => {
    const retired = current;
    current = undefined;
    retired?.kill('it is not needed any more');
    await retired?.ended;
  };

  const runNow = async (sql: string): Promise<readonly QueryRow[]> => {
    if (closed) throw fail('SHUTTING_DOWN');
    clearTimeout(idle);
    current ??= start();
    try {
      return await current.run(sql);
    } catch (error) {
      if (closed) throw fail('SHUTTING_DOWN');
      throw fail('SQL_REFUSED', { problem: messageOf(error) });
    } finally {
      if (current?.isWorn() === true) await retire();
      if (!closed) {
        idle = setTimeout(() => void retire(), idleMs);
        idle.unref();
      }
    }
  };

  return {
    query: async (sql) => {
      const asked = earlier.then(async () => runNow(sql));
      earlier = asked.catch(() => undefined);
      return asked;
    },
    close: async () => {
      closed = true;
      clearTimeout(idle);
      await retire();
    },
  };
};
