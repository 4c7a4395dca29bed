/** What files say about themselves, in texts made up for it. */
import { expect, it } from 'vitest';
import { parseFrontMatter, withoutFrontMatter } from './front-matter.ts';

const nothing = { flags: [], features: [], includes: [], reftest: '' };

it('of a file without front matter, nothing is known', () => {
  expect(parseFrontMatter('let x = 1; /* flags: [async] */')).toStrictEqual(
    nothing,
  );
});

it.each([
  ['in brackets', 'flags: [generated, async]\nfeatures: [class]'],
  ['an item a line', 'flags:\n  - generated\n  - async\nfeatures:\n- class'],
  [
    'over several lines',
    'flags: [generated,\n  async]\nfeatures: [\n  class,\n  ]',
  ],
  [
    'all indented',
    '    flags: [generated, async]\n    features:\n      - class',
  ],
  ['with lines of Windows', 'flags: [generated, async]\r\nfeatures: [class]\r'],
  [
    'after prose',
    'info: |\n  flags: [raw]\n\n  type: Odd\nflags: [generated, async]\nfeatures: [class]',
  ],
])('lists are read %s', (_, matter) => {
  expect(parseFrontMatter(`/*---\n${matter}\n---*/\nx;`)).toStrictEqual({
    ...nothing,
    flags: ['generated', 'async'],
    features: ['class'],
  });
});

it('an expected error has a type and a phase, in either order', () => {
  const negative = { type: 'RangeError', phase: 'runtime' };
  for (const inside of [
    'type: RangeError\n  phase: runtime',
    'phase: runtime\n  type: RangeError',
  ]) {
    const text = `/*---\nnegative:\n  ${inside}\nincludes: [made-up.js]\n---*/`;
    expect(parseFrontMatter(text)).toStrictEqual({
      ...nothing,
      includes: ['made-up.js'],
      negative,
    });
  }
});

it('of the line for the other runner, the reason is left out', () => {
  const text = '// |reftest| skip-if(!x) async -- x is odd\n/*---\n---*/';
  expect(parseFrontMatter(text).reftest).toBe('skip-if(!x) async');
});

it('without it, the text is the program', () => {
  expect(withoutFrontMatter('// a\n/*---\nimport(x)\n---*/\nlet y;')).toBe(
    '// a\n\nlet y;',
  );
});
