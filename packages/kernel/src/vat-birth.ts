/** Starts whose outcome is not applied when it comes: of a launch, or of a rehearsal. */
import type { VatRow } from './store/rows.ts';
import type { DoneFrame } from './vat/protocol.ts';

export type NewVat = Readonly<{
  row: VatRow;
  /** The bundle's JSON text. */
  bundle: string;
}>;

/** Who is told how it went. */
export type Birth = Readonly<{
  onDone(done: DoneFrame): void;
  onLost(reason: string): void;
}>;
