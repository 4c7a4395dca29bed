/** Gives a vat new code over its durable state, or leaves it as it was. */
import { ifDefined, type Json } from '@ocap/kernel-utils';
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';

export const upgradeVat = defineMethod({
  name: 'upgradeVat',
  summary: 'Starts a vat with new code over the same durable state.',
  params: z
    .strictObject({
      id: z.string(),
      bundleSpec: z.string().optional(),
      sourceSpec: z.string().optional(),
      parameters: z.custom<Json>().optional(),
    })
    .refine(
      ({ bundleSpec, sourceSpec }) =>
        (bundleSpec === undefined) !== (sourceSpec === undefined),
      'exactly one of bundleSpec and sourceSpec must be given',
    ),
  result: z.object({ incarnation: z.int() }),
  handler: async (kernel: Pick<Kernel, 'upgradeVat'>, { id, ...options }) =>
    kernel.upgradeVat(id, ifDefined(options)),
});
