import { expect, it } from 'vitest';
import { makeRandom } from '../../../../test/support/random.ts';
import { compareKeys, makeSortedKeys } from './sorted-keys.ts';

it.each([1, 2, 3])('is in order, whatever comes and goes (seed %i)', (seed) => {
  const random = makeRandom(seed);
  // Enough for several chunks, and few enough that keys come again.
  const draw = (): string => `k${random.integer(0, 4000)}`;
  const model = new Set(Array.from({ length: 1500 }, draw));
  const keys = makeSortedKeys([...model]);
  const insistAll = (): void => {
    const found: string[] = [];
    for (let key = keys.after(''); key !== undefined; key = keys.after(key)) {
      found.push(key);
    }
    expect(found).toStrictEqual([...model].sort(compareKeys));
  };
  for (let step = 0; step < 20_000; step += 1) {
    const key = draw();
    // It grows for a while, and then shrinks to nothing.
    if (random.integer(1, 20_000) > step) {
      keys.add(key);
      model.add(key);
    } else {
      keys.remove(key);
      model.delete(key);
    }
    if (step % 2000 === 0) insistAll();
  }
  insistAll();
  for (const key of [...model]) {
    keys.remove(key);
    model.delete(key);
  }
  insistAll();
  keys.add('last');
  expect(keys.after('k')).toBe('last');
});
