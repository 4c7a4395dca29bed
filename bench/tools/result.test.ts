import { describe, expect, it } from 'vitest';
import { makeSections } from './report.ts';
import { makeResult } from './result.ts';
import type { PeerId } from './peers.ts';
import type { Goal, Row } from './row.ts';
import { summarize } from './statistics.ts';
import { renderTable } from './table.ts';

const rowWith = (goal?: Goal): Row => ({
  id: 'x',
  title: 'a thing',
  floor: 'the least',
  unit: 'ms',
  ...(goal && { goal }),
  measure: async () => ({ ours: [], floor: [] }),
});

describe('a summary', () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[10, 9, 100], { median: 10, min: 9, max: 100 }],
    [[4, 1, 3, 2], { median: 2.5, min: 1, max: 4 }],
  ])('of %j is %j', (values, expected) => {
    expect(summarize(values)).toStrictEqual(expected);
  });
});

describe('a result', () => {
  const rounds = { ours: [20, 60, 30], floor: [10, 10, 10] };

  it('has the ratios of each round, not of the medians', () => {
    const { ratio } = makeResult(rowWith(), {
      ours: [10, 20, 90],
      floor: [10, 2, 30],
    });
    expect(ratio).toStrictEqual({ median: 3, min: 1, max: 10 });
  });

  it.each<[Goal, boolean]>([
    [{ kind: 'target', of: 'ours', atMost: 30 }, true],
    [{ kind: 'target', of: 'ours', atMost: 29 }, false],
    [{ kind: 'aim', of: 'ratio', atLeast: 3 }, true],
    [{ kind: 'aim', of: 'ratio', atLeast: 3.1 }, false],
    [{ kind: 'target', of: 'ratio', exactly: 3 }, true],
    [{ kind: 'target', of: 'ratio', exactly: 1 }, false],
  ])('of median 30 and ratio 3 under %j: reached is %s', (goal, reached) => {
    expect(makeResult(rowWith(goal), rounds).reached).toBe(reached);
  });

  it('without a goal is neither reached nor missed', () => {
    expect(makeResult(rowWith(), rounds)).not.toHaveProperty('reached');
  });
});

describe('the table', () => {
  it.each<[string, Goal, string]>([
    ['MISSED', { kind: 'target', of: 'ours', atMost: 1 }, 'target ≤ 1 ms'],
    ['not yet', { kind: 'aim', of: 'ratio', atLeast: 9 }, 'aim ≥ 9 ×'],
    ['ok', { kind: 'aim', of: 'ours', atMost: 9999 }, 'aim ≤ 9,999 ms'],
  ])('says %s', (verdict, goal, text) => {
    const rounds = { ours: [1234.5], floor: [1000] };
    const cells = renderTable([makeResult(rowWith(goal), rounds)], 'floor')
      .split('\n')[2]
      ?.split('|')
      .map((cell) => cell.trim());
    expect(cells).toStrictEqual([
      ...['', '`x`', 'a thing', '1,235 ms', '1,000 ms', 'the least'],
      ...['1.23 × (1.23–1.23)', text, verdict, ''],
    ]);
  });
});

describe('the report', () => {
  const rounds = { ours: [20], floor: [10] };
  const beside = (peer: PeerId | undefined, floor: string) =>
    makeResult({ ...rowWith(), floor, ...(peer && { peer }) }, rounds);
  const captp = { id: 'captp', versions: { '@endo/captp': '4.5.1' } } as const;

  it('has one table with floors and one with peers, and their versions', () => {
    const [floors, peers] = makeSections(
      [beside('captp', 'CapTP'), beside(undefined, 'an echo')],
      [],
      [captp],
    );
    expect(floors).toMatchObject({ place: 'bench' });
    expect(floors?.text).toContain('an echo');
    expect(floors?.text).not.toContain('CapTP');
    expect(peers).toMatchObject({ place: 'peers' });
    expect(peers?.text).toMatch(/^Peers: @endo\/captp 4\.5\.1\n\n\| row/u);
    expect(peers?.text).toContain('2 × (2–2)');
    expect(peers?.text).not.toContain('an echo');
  });

  it('says which peer is missing', () => {
    expect(
      makeSections([], [], [captp, { id: 'swingset', problem: 'no network' }]),
    ).toStrictEqual([
      {
        place: 'peers',
        text: 'Peers: @endo/captp 4.5.1; swingset NOT MEASURED, it could not be installed\n',
      },
    ]);
  });
});
