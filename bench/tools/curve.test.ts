import { beforeAll, expect, it, vi } from 'vitest';
import { renderCurves } from './curve-table.ts';
import { measureCurve, type Curve } from './curve.ts';
import type { Bench } from './row.ts';

beforeAll(() => void vi.spyOn(console, 'error').mockReturnValue());

/** What it costs is the size and the round; the first round is -1. */
const makeCurve = () => {
  const open = new Set<number>();
  const curve: Curve<'cost' | 'free'> = {
    id: 'things',
    of: 'things',
    sizes: [10, 100, 1000],
    figures: {
      cost: {
        title: 'what it costs',
        unit: 'µs',
        goal: { kind: 'target', of: 'ratio', atMost: 1.5 },
      },
      free: { title: 'what does not', unit: 'ms' },
    },
    open: async (_bench, size) => {
      open.add(size);
      let round = -1;
      return {
        measure: async () => {
          // All sizes are there while any is measured.
          expect(open.has(10) && open.has(100)).toBe(true);
          if (size === 666) throw Error('no luck');
          round += 1;
          return { cost: size * 10 + round, free: 1 };
        },
        close: async () => void open.delete(size),
      };
    },
  };
  return { curve, open };
};

const benchOf = (mode: 'quick' | 'full'): Bench => ({
  workspace: {} as Bench['workspace'],
  amount: (quick, full) => (mode === 'quick' ? quick : full),
});

it('compares the largest size with the smallest, without the first round', async () => {
  const { curve, open } = makeCurve();
  const [cost, free] = await measureCurve(curve, benchOf('full'));
  expect(cost).toMatchObject({
    row: { id: 'things-cost', floor: 'with 10 things' },
    rounds: { floor: [101, 102, 103, 104, 105], ours: { 0: 10_001 } },
    reached: false,
  });
  expect(cost?.steps.map(({ median }) => median)).toStrictEqual([
    103, 1003, 10_003,
  ]);
  expect(free).toMatchObject({ ratio: { median: 1 } });
  expect(open).toStrictEqual(new Set());
});

it('leaves the largest size out when it has to be quick, and says so', async () => {
  const results = await measureCurve(makeCurve().curve, benchOf('quick'));
  expect(results[0]?.steps).toHaveLength(2);
  const [, , line] = renderCurves(results).split('\n');
  expect(line?.split('|').map((cell) => cell.trim())).toStrictEqual([
    ...['', '`things-cost`', 'what it costs', 'with 10 things'],
    ...['102 µs', '1,002 µs', '–', '–', '9.82 × (9.74–9.91)'],
    ...['target ≤ 1.5 ×', 'MISSED', ''],
  ]);
});

it('ends what it has opened when one fails', async () => {
  const { curve, open } = makeCurve();
  await expect(
    measureCurve({ ...curve, sizes: [10, 100, 666] }, benchOf('full')),
  ).rejects.toThrow('no luck');
  expect(open).toStrictEqual(new Set());
});
