/** How accesses lie in SQL columns; see row-codecs.ts. */
import type { AccessFacet, AccessRow } from '@ocap/kernel';
import type { Column, Columns } from './row-codecs.ts';

export const accessCodec = {
  toRow: (c: Columns): AccessRow => ({
    tokenHash: c['token_hash'] as string,
    facet: JSON.parse(c['facet'] as string) as AccessFacet,
    name: c['name'] as string | null,
    issued: Number(c['issued']),
    expires: c['expires'] as number | null,
    ended: c['ended'] as string | null,
  }),
  toColumns: (row: AccessRow): readonly Column[] => [
    row.tokenHash,
    JSON.stringify(row.facet),
    row.name,
    row.issued,
    row.expires,
    row.ended,
  ],
};
