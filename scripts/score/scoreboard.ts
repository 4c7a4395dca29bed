/** The forty checks of the scoreboard by number and id, and which of them exist. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Entry = Readonly<{ number: number; id: string }>;

const ids = [
  // Crash and durability
  'kill9-ledger',
  'kill9-each-step',
  'powerloss-images',
  'pragma-promise',
  'holdback',
  'abort-crank',
  'fail-nth-io',
  'disk-full',
  'fsize-limit',
  'corrupt-db',
  'restart-equal',
  'backup-under-load',
  'upgrade-migrate',
  'vat-upgrade',
  'gc-soak',
  'sim-seeds',
  'soak-rss',
  // Hostile vats
  'vat-spin',
  'vat-memory',
  'vat-async-throw',
  'vat-flood',
  'forged-refs',
  'escape-corpus',
  'proto-pollution',
  'globals-census',
  'timing',
  'test262-lockdown',
  // Clumsy or hostile clients
  'json-suite',
  'line-limits',
  'slowloris',
  'conn-10k',
  'rpc-fuzz',
  'sql-surface',
  // Life cycle and permissions
  'start-x20',
  'stale-state',
  'stuck-stop',
  'perms',
  'log-bound',
  // Remotes
  'remote-attack',
  'relay-churn',
] as const;

export const scoreboard: readonly Entry[] = ids.map((id, index) => ({
  number: index + 1,
  id,
}));

/** The program of a check, whether it exists or not. */
export const programOf = ({ id }: Entry): string =>
  fileURLToPath(new URL(`../../test/score/${id}.ts`, import.meta.url));

export const isWritten = (entry: Entry): boolean =>
  existsSync(programOf(entry));
