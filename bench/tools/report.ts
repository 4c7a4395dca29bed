/** What a run says in the end, as Markdown. */
import { renderCurves } from './curve-table.ts';
import type { CurveResult } from './curve.ts';
import { peersLine, type Peer } from './peers.ts';
import type { Result } from './result.ts';
import { renderTable } from './table.ts';

/** Where in the documentation a part of it has its place. */
export type Place = 'bench' | 'curves' | 'peers';

export type Section = Readonly<{ place: Place; text: string }>;

/** Rows beside a floor are one table, curves another, rows beside a peer a third. */
export const makeSections = (
  results: readonly Result[],
  curves: readonly CurveResult[],
  peers: readonly Peer[],
): readonly Section[] => {
  const ofPeers = results.filter(({ row }) => row.peer !== undefined);
  const ofFloors = results.filter(({ row }) => row.peer === undefined);
  const sections: Section[] = [];
  if (ofFloors.length > 0) {
    sections.push({ place: 'bench', text: renderTable(ofFloors, 'floor') });
  }
  if (curves.length > 0) {
    sections.push({ place: 'curves', text: renderCurves(curves) });
  }
  if (peers.length > 0) {
    const table = ofPeers.length > 0 ? `\n${renderTable(ofPeers, 'peer')}` : '';
    sections.push({ place: 'peers', text: `${peersLine(peers)}\n${table}` });
  }
  return sections;
};
