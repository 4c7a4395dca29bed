/** The frame that starts a vat in a host, with the beginning of its store. */
import type { LimitValues, VatId } from '@ocap/kernel-utils';
import type { Vatstores } from './store/vatstores.ts';
import type { VatRow } from './store/rows.ts';
import { hostLimits } from './vat-limits.ts';
import type { StartFrame, VatstoreEntry } from './vat/protocol.ts';

/** What travels with a start, so that most starts need not read. */
const PREFETCH_CHARS = 64 * 1024;
const PREFETCH_ENTRIES = 500;

export const startFrame = (
  vatstore: Vatstores,
  limits: LimitValues,
  { row, bundle, seq }: Readonly<{ row: VatRow; bundle: string; seq: number }>,
): StartFrame => ({
  type: 'start',
  vat: row.id,
  seq,
  name: row.name,
  bundle,
  // Parameters hold no references.
  parameters: { body: row.parameters.body, slots: [] },
  globals: row.config.globals ?? [],
  limits: hostLimits(row.config.limits ?? {}, limits),
  ...(row.incarnation === 1
    ? { entries: [], complete: true }
    : prefetch(vatstore, row.id)),
});

const prefetch = (
  vatstore: Vatstores,
  vatId: VatId,
): Pick<StartFrame, 'entries' | 'complete'> => {
  const page = vatstore.following(vatId, '', PREFETCH_ENTRIES);
  const entries: VatstoreEntry[] = [];
  let chars = 0;
  for (const entry of page) {
    chars += entry[0].length + entry[1].length;
    if (chars > PREFETCH_CHARS) {
      break;
    }
    entries.push(entry);
  }
  const complete =
    page.length < PREFETCH_ENTRIES && entries.length === page.length;
  return { entries, complete };
};
