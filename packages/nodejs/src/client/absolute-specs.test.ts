import { describe, expect, it } from 'vitest';
import { absoluteSpec, withAbsoluteSpecs } from './absolute-specs.ts';

describe('a spec (P-18)', () => {
  it.each([
    ['./a.bundle', 'file:///here/a.bundle'],
    ['../a.bundle', 'file:///a.bundle'],
    ['a b.bundle', 'file:///here/a%20b.bundle'],
    ['/x/a.bundle', 'file:///x/a.bundle'],
    ['file:///x/a.bundle', 'file:///x/a.bundle'],
    ['https://example.net/a.bundle', 'https://example.net/a.bundle'],
    ['data:application/json,%7B%7D', 'data:application/json,%7B%7D'],
  ])('%s becomes %s', (spec, url) => {
    expect(absoluteSpec(spec, '/here')).toBe(url);
  });
});

describe('params', () => {
  it('have the specs of vats and bundles in their config made absolute', () => {
    const params = {
      config: {
        bootstrap: 'a',
        vats: {
          a: { bundleSpec: './a.bundle', parameters: { bundleSpec: './no' } },
          b: { sourceSpec: 'b.js' },
        },
        bundles: { c: { bundleSpec: 'c.bundle' } },
      },
    };
    expect(withAbsoluteSpecs(params, '/here')).toStrictEqual({
      config: {
        bootstrap: 'a',
        vats: {
          a: {
            bundleSpec: 'file:///here/a.bundle',
            parameters: { bundleSpec: './no' },
          },
          b: { sourceSpec: 'file:///here/b.js' },
        },
        bundles: { c: { bundleSpec: 'file:///here/c.bundle' } },
      },
    });
  });

  it.each([
    [{ vats: { a: { bundleSpec: './a.bundle' } } }],
    [['ko1', 'hello', []]],
    [{ config: { vats: ['./a.bundle'], bundles: null } }],
    [{ config: { vats: { a: './a.bundle', b: { bundleSpec: 3 } } } }],
    [null],
  ])('of another shape stay as they are: %j', (params) => {
    expect(withAbsoluteSpecs(params, '/here')).toStrictEqual(params);
  });
});
