/** How what concerns other kernels lies in SQL columns; see row-codecs.ts. */
import type { IntroductionRow, RemoteRow, ShortcutRow } from '@ocap/kernel';
import type { KRef, RemoteId } from '@ocap/kernel-utils';
import type { Column, Columns } from './row-codecs.ts';

export const remoteCodec = {
  toRow: (c: Columns): RemoteRow => ({
    peerId: c['peer_id'] as string,
    hints: JSON.parse(c['hints'] as string) as string[],
    session: c['session'] as string,
    theirSession: c['their_session'] as string | null,
    nextImport: Number(c['next_import']),
    sent: Number(c['sent']),
    received: Number(c['received']),
    cut: c['cut'] as string | null,
    seenAt: Number(c['seen_at']),
    standing: c['standing'] as RemoteRow['standing'],
    ending: c['ending'] as string | null,
  }),
  toColumns: (row: RemoteRow): readonly Column[] => [
    row.peerId,
    JSON.stringify(row.hints),
    row.session,
    row.theirSession,
    row.nextImport,
    row.sent,
    row.received,
    row.cut,
    row.seenAt,
    row.standing,
    row.ending,
  ],
};

export const introductionCodec = {
  toRow: (c: Columns): IntroductionRow => ({
    owner: c['owner'] as RemoteId,
    hash: c['hash'] as string,
    token: c['token'] as string | null,
    ended: c['ended'] as IntroductionRow['ended'],
  }),
  toColumns: (row: IntroductionRow): readonly Column[] => [
    row.owner,
    row.hash,
    row.token,
    row.ended,
  ],
};

export const shortcutCodec = {
  toRow: (c: Columns): ShortcutRow => ({
    through: c['through'] as RemoteId,
    direct: c['direct'] as KRef | null,
  }),
  toColumns: (row: ShortcutRow): readonly Column[] => [row.through, row.direct],
};
