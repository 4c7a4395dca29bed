/**
 * The one door for cluster configs: unknown JSON in, `ClusterConfig` out.
 * Fields of a later release are refused by name and not ignored, so that nobody
 * believes that a vat is confined by a setting that nobody reads.
 */
import { fail } from '@ocap/kernel-utils';
import { z } from 'zod';
import { parseAllowedHost } from './allowed-hosts.ts';
import type { ClusterConfig, VatConfig } from './kernel-api.ts';
import { ioSpecSchema } from './services/io-spec.ts';
import { vatGlobals } from './vat-globals.ts';
import { lowerableLimits, raisableLimits } from './vat-limits.ts';

// Must begin with a letter or a digit: `__proto__` is a key that JSON can carry
// and that objects do not keep.
const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/u;
const NAME_RULE =
  'a name is made of letters, digits, ".", "_" and "-" and begins with a letter or a digit';

const laterVatFields = ['platformConfig', 'creationOptions'] as const;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses what a later release will support; drops it where it asks for nothing. */
const withoutLater =
  (fields: readonly string[]) =>
  (value: unknown, context: z.RefinementCtx): unknown => {
    if (!isRecord(value)) return value;
    const kept = { ...value };
    for (const field of fields) {
      if (!Object.hasOwn(kept, field)) continue;
      if (!isEmpty(kept[field])) {
        context.addIssue({
          code: 'custom',
          message: `the field "${field}" is not supported by this version of ocap`,
          path: [field],
        });
      }
      delete kept[field];
    }
    return kept;
  };

/** A record whose keys are names. Checked by hand: a zod record drops `__proto__` silently. */
const named = <Schema extends z.ZodType>(
  schema: Schema,
): z.ZodPreprocess<z.ZodRecord<z.ZodString, Schema>> =>
  z.preprocess(
    (value: unknown, context) => {
      if (!isRecord(value)) return value;
      for (const key of Object.keys(value)) {
        if (nameForm.test(key)) continue;
        context.addIssue({
          code: 'custom',
          message: `${JSON.stringify(key.slice(0, 100))} cannot be a name: ${NAME_RULE}`,
        });
      }
      return value;
    },
    z.record(z.string(), schema),
  );

const vatGlobal = z.enum(vatGlobals, {
  error: ({ input }) =>
    `there is no global ${JSON.stringify(input)}; a vat can ask for ${vatGlobals.join(', ')}`,
});
const allowedHost = z
  .string()
  .refine((entry) => parseAllowedHost(entry) !== undefined, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is not a host: write "example.com", "example.com:8080" or "*.example.com", without scheme and path`,
  });
const network = z.strictObject({ allowedHosts: z.array(allowedHost) });
const spec = z.string().min(1, 'must not be empty');
const placement = z.enum(['own', 'subcluster', 'shared']);

const insistOne =
  (fields: readonly string[]) =>
  (entry: object): boolean =>
    fields.filter((field) => Object.hasOwn(entry, field)).length === 1;

const limit = z.int().min(1).exactOptional();
const vatLimits = z.strictObject(
  Object.fromEntries(
    [...raisableLimits, ...lowerableLimits].map((name) => [name, limit]),
  ) as Record<
    (typeof raisableLimits | typeof lowerableLimits)[number],
    typeof limit
  >,
);

/** One vat of a config. */
export const vatConfigSchema = z.preprocess(
  withoutLater(laterVatFields),
  z
    .strictObject({
      bundleSpec: spec.exactOptional(),
      sourceSpec: spec.exactOptional(),
      bundleName: spec.exactOptional(),
      parameters: z.json().exactOptional(),
      placement: placement.exactOptional(),
      globals: z.array(vatGlobal).exactOptional(),
      limits: vatLimits.exactOptional(),
      network: network.exactOptional(),
    })
    .refine(
      ({ globals = [], network: reach }) =>
        !globals.includes('fetch') || reach !== undefined,
      'a vat with fetch among its globals needs "network": {"allowedHosts": ["…"]}, which says what it reaches',
    )
    .refine(
      ({ globals = [], network: reach }) =>
        globals.includes('fetch') || reach === undefined,
      'a vat with a network needs "fetch" among its globals',
    )
    .refine(
      insistOne(['bundleSpec', 'sourceSpec', 'bundleName']),
      'a vat needs exactly one of bundleSpec, sourceSpec and bundleName',
    ),
) satisfies z.ZodType<VatConfig>;

const bundle = z
  .strictObject({
    bundleSpec: spec.exactOptional(),
    sourceSpec: spec.exactOptional(),
  })
  .refine(
    insistOne(['bundleSpec', 'sourceSpec']),
    'a bundle needs exactly one of bundleSpec and sourceSpec',
  );

/** A config as people write it; parsing yields a `ClusterConfig`. */
export const clusterConfigSchema = z
  .strictObject({
    bootstrap: z.string(),
    vats: named(vatConfigSchema),
    bundles: named(bundle).exactOptional(),
    services: z.array(z.string()).exactOptional(),
    io: named(ioSpecSchema).exactOptional(),
    forceReset: z.boolean().exactOptional(),
  })
  .superRefine((config, context) => {
    const { bootstrap, vats, bundles = {}, services = [], io = {} } = config;
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', message, path });
    if (!Object.hasOwn(vats, bootstrap)) {
      refuse(
        ['bootstrap'],
        `there is no vat "${bootstrap}" among the vats (${Object.keys(vats).join(', ')})`,
      );
    }
    for (const [name, { bundleName }] of Object.entries(vats)) {
      if (bundleName !== undefined && !Object.hasOwn(bundles, bundleName)) {
        refuse(
          ['vats', name, 'bundleName'],
          `there is no bundle "${bundleName}" among the bundles`,
        );
      }
    }
    for (const name of services.filter((one) => Object.hasOwn(io, one))) {
      refuse(['io', name], 'a service has this name, and both are given by it');
    }
  }) satisfies z.ZodType<ClusterConfig>;

/** What is wrong, in the words of this page rather than of zod where they are clearer. */
export const problemOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') {
    return `unknown field ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return issue.message.endsWith('received undefined')
      ? `a value is missing (expected ${issue.expected})`
      : issue.message;
  }
  return issue.message;
};

/** `config.vats.alice.bundleSpec`, `args[2]`. */
export const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');

/** @throws CONFIG_INVALID with the first problem and where it is. */
export const parseClusterConfig = (value: unknown): ClusterConfig => {
  const parsed = clusterConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail('CONFIG_INVALID', {
    path: issue === undefined ? undefined : pathOf(issue.path),
    problem: issue === undefined ? 'unknown' : problemOf(issue),
  });
};
