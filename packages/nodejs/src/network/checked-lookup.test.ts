import { describe, expect, it } from 'vitest';
import { makeCheckedLookup } from './checked-lookup.ts';

const ask = async (
  lookup: ReturnType<typeof makeCheckedLookup>,
  all: boolean,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    lookup('a.example', { all }, (error, ...found) => {
      if (error === null) {
        resolve(found);
      } else {
        reject(error);
      }
    });
  });

describe('the lookup of a request', () => {
  it('answers every connection alike, and with what is allowed only', async () => {
    let times = 0;
    const lookup = makeCheckedLookup(
      (address) => address !== '10.0.0.1',
      async () => {
        times += 1;
        return [
          { address: '10.0.0.1', family: 4 },
          { address: `8.8.8.${times}`, family: 4 },
          { address: '2606:4700::1', family: 6 },
        ];
      },
    );
    const allowed = [
      { address: '8.8.8.1', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ];
    expect(await ask(lookup, true)).toStrictEqual([allowed]);
    expect(await ask(lookup, true)).toStrictEqual([allowed]);
    expect(await ask(lookup, false)).toStrictEqual(['8.8.8.1', 4]);
    expect(times).toBe(1);
  });

  it.each([
    ['nothing is allowed', ['10.0.0.1'], 'is in a private network'],
    ['there is nothing', [], 'no address'],
  ])('fails where %s', async (_, addresses, message) => {
    const lookup = makeCheckedLookup(
      () => false,
      async () => addresses.map((address) => ({ address, family: 4 })),
    );
    for (const all of [true, false]) {
      await expect(ask(lookup, all)).rejects.toThrow(message);
    }
  });
});
