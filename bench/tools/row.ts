/** What a row of the benchmark is. Each file in `rows/` makes one or a few. */
import type { PeerId } from './peers.ts';
import type { Workspace } from './workspace.ts';

export type Unit = 'ms' | 'µs' | '/s' | 'MiB' | 'rows';

type Bound =
  | Readonly<{ atMost: number }>
  | Readonly<{ atLeast: number }>
  | Readonly<{ exactly: number }>;

/** A `target` is promised, and `--strict` fails without it; an `aim` is where we want to be. */
export type Goal = Readonly<{
  kind: 'target' | 'aim';
  /** The median of our values, or of the ratios. */
  of: 'ours' | 'ratio';
}> &
  Bound;

/** One value for each round, ours and that of the floor, or peer, of the same moment. */
export type Measured = Readonly<{
  ours: readonly number[];
  floor: readonly number[];
}>;

export type Bench = Readonly<{
  workspace: Workspace;
  /** How much to do: less with `--quick`. */
  amount(quick: number, full: number): number;
}>;

export type Row = Readonly<{
  /** For `--only`. */
  id: string;
  /** What is measured of us. */
  title: string;
  /** What it is compared with, measured in the same rounds. */
  floor: string;
  /** If that is no floor but another system, which has to be installed first. */
  peer?: PeerId;
  unit: Unit;
  goal?: Goal;
  measure(bench: Bench): Promise<Measured>;
}>;
