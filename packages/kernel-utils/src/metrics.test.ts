import { expect, it } from 'vitest';
import { counter, gauge, metricsText, samplesBy } from './metrics.ts';

it('is text as collectors read it', () => {
  const text = metricsText([
    gauge('a_bytes', 'How much.', 1.5),
    counter('b_total', 'Two\nlines.', 3),
    {
      name: 'c',
      type: 'gauge',
      help: 'By state.',
      samples: samplesBy('state', [
        ['awake', 1],
        ['a "b" \\ c\n', 2],
      ]),
    },
    { name: 'd', type: 'gauge', help: 'None.', samples: [] },
  ]);
  expect(text.split('\n')).toStrictEqual([
    '# HELP a_bytes How much.',
    '# TYPE a_bytes gauge',
    'a_bytes 1.5',
    '# HELP b_total Two\\nlines.',
    '# TYPE b_total counter',
    'b_total 3',
    '# HELP c By state.',
    '# TYPE c gauge',
    'c{state="awake"} 1',
    'c{state="a \\"b\\" \\\\ c\\n"} 2',
    '# HELP d None.',
    '# TYPE d gauge',
    '',
  ]);
});
