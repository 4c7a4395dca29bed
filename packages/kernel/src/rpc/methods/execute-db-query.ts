/** A look into the store for people who debug; the kernel sees to it that it stays a look. */
import type { Json } from '@ocap/kernel-utils';
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';

const rows = z
  .array(z.record(z.string(), z.json() as z.ZodType<Json>))
  .readonly();

export const executeDBQuery = defineMethod({
  name: 'executeDBQuery',
  summary: 'Runs one read-only SQL statement and answers with its rows.',
  params: z.strictObject({ sql: z.string() }),
  result: rows,
  handler: (kernel: Pick<Kernel, 'executeDBQuery'>, { sql }) =>
    kernel.executeDBQuery(sql),
});
