/** What a config may ask for under `io`, as it is checked when it comes in. */
import { z } from 'zod';
import type { IoSpec } from '../kernel-api.ts';

const path = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => !text.includes('\0'), 'a path has no NUL in it');

export const ioSpecSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('console') }),
  z.strictObject({
    type: z.literal('file'),
    path,
    access: z.enum(['read', 'write', 'append']),
  }),
  z.strictObject({
    type: z.literal('folder'),
    path,
    access: z.enum(['read', 'write']).exactOptional(),
  }),
  z.strictObject({ type: z.literal('socket'), path }),
  z.strictObject({
    type: z.literal('network'),
    host: z.string().min(1, 'must not be empty'),
    port: z.int().min(1).max(65_535),
    tls: z.boolean().exactOptional(),
  }),
]) satisfies z.ZodType<IoSpec>;
