/** All probes. Each was published; each is told in words and code of our own. */
import { constructors } from './constructors.ts';
import { errors } from './errors.ts';
import { evaluators } from './evaluators.ts';
import { neighbours } from './neighbours.ts';
import { nodeModules } from './node-modules.ts';
import type { Probe } from './probe.ts';
import { promises } from './promises.ts';
import { proxies } from './proxies.ts';

export const corpus: readonly Probe[] = [
  ...constructors,
  ...errors,
  ...proxies,
  ...promises,
  ...evaluators,
  ...nodeModules,
  ...neighbours,
];
