/**
 * Measures two things side by side, round after round, so that whatever else
 * the machine is doing hits both.
 */
import type { Measured } from './row.ts';

type Options = Readonly<{
  rounds: number;
  /**
   * Rounds before, whose values are thrown away: half as many unless told. What
   * runs is compiled while it runs; thousands of calls pass before that is done.
   */
  warmUps?: number;
  ours(): Promise<number>;
  floor(): Promise<number>;
}>;

export const interleave = async ({
  rounds,
  warmUps = Math.ceil(rounds / 2),
  ours,
  floor,
}: Options): Promise<Measured> => {
  const measured = { ours: [] as number[], floor: [] as number[] };
  for (let round = -warmUps; round < rounds; round += 1) {
    const values = { ours: await ours(), floor: await floor() };
    if (round >= 0) {
      measured.ours.push(values.ours);
      measured.floor.push(values.floor);
    }
  }
  return measured;
};
