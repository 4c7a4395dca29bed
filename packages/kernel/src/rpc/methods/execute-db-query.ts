/** A look into the store for people who debug; the daemon sees to it that it stays a look. */
import { z } from 'zod';
import { defineMethod, type RpcPowers } from '../method.ts';

const rows = z
  .array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])))
  .readonly();

export const executeDBQuery = defineMethod({
  name: 'executeDBQuery',
  summary: 'Runs one read-only SQL statement and answers with its rows.',
  params: z.strictObject({ sql: z.string() }),
  result: rows,
  handler: async (powers: Pick<RpcPowers, 'executeDBQuery'>, { sql }) =>
    powers.executeDBQuery(sql),
});
