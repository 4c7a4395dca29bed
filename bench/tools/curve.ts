/**
 * A curve: the same work with more and more of something around it, each size
 * ten times the one before. What it claims is that the cost stays the same.
 */
import { makeResult, type Result } from './result.ts';
import type { Bench, Goal, Unit } from './row.ts';
import { summarize, type Summary } from './statistics.ts';

export type Figure = Readonly<{
  title: string;
  unit: Unit;
  /** `ratio`: of the largest size to the smallest. `ours`: of the largest. */
  goal?: Goal;
}>;

/** A daemon with so much in it. */
export type Sample<Name extends string = string> = Readonly<{
  measure(): Promise<Readonly<Record<Name, number>>>;
  close(): Promise<void>;
}>;

export type Curve<Name extends string = string> = Readonly<{
  /** For `--only`. */
  id: string;
  /** What there is of them: `10,000 idle vats`. */
  of: string;
  /** From small to large. The last is left out with `--quick`. */
  sizes: readonly number[];
  /** What is measured at each size. */
  figures: Readonly<Record<Name, Figure>>;
  open(bench: Bench, size: number): Promise<Sample<Name>>;
}>;

/** Ours is the largest size and the floor is the smallest. */
export type CurveResult = Result & Readonly<{ steps: readonly Summary[] }>;

type Opened = Readonly<{ sample: Sample; values: Record<string, number>[] }>;

/** All sizes are there at once and are measured in turns, round after round. */
export const measureCurve = async (
  curve: Curve,
  bench: Bench,
): Promise<readonly CurveResult[]> => {
  const sizes = curve.sizes.slice(0, bench.amount(-1, curve.sizes.length));
  const opened: Opened[] = [];
  try {
    for (const size of sizes) {
      const begun = performance.now();
      opened.push({ sample: await curve.open(bench, size), values: [] });
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.error(`${curve.id}: ${size} ${curve.of} made in ${seconds} s`);
    }
    for (let round = -1; round < bench.amount(3, 5); round += 1) {
      for (const { sample, values } of opened) {
        const measured = await sample.measure();
        // The first round warms up.
        if (round >= 0) values.push(measured);
      }
    }
  } finally {
    for (const { sample } of opened) await sample.close();
  }
  const values = opened.map((each) => each.values);
  return Object.keys(curve.figures).map((name) =>
    resultOf(
      curve,
      name,
      values.map((rounds) => rounds.map((round) => round[name] ?? NaN)),
    ),
  );
};

const resultOf = (
  { id, of, sizes, figures }: Curve,
  name: string,
  values: readonly (readonly number[])[],
): CurveResult => {
  const figure = figures[name];
  if (figure === undefined) throw Error(`${id} has no figure ${name}`);
  const row = {
    ...figure,
    id: `${id}-${name}`,
    floor: `with ${(sizes[0] ?? 0).toLocaleString('en')} ${of}`,
  };
  const rounds = { ours: values.at(-1) ?? [], floor: values[0] ?? [] };
  return { ...makeResult(row, rounds), steps: values.map(summarize) };
};
