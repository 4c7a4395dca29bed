import { vatId, vref } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { makeExportNewness, makeKrefNewness } from './newness.ts';

describe('what is known to be new', () => {
  it('are krefs that were given out since the cache was empty', () => {
    const last = { object: 5, promise: 7 };
    const newness = makeKrefNewness(
      (counter) => last[counter as keyof typeof last],
    );
    last.object = 9;
    expect(newness.isNew('v1 ko5')).toBe(false);
    expect(newness.isNew('v1 ko6')).toBe(true);
    expect(newness.isNew('kp7')).toBe(false);
    expect(newness.isNew('kp8')).toBe(true);
    newness.onEmptied();
    expect(newness.isNew('v1 ko9')).toBe(false);
    expect(newness.isNew('v1 ko10')).toBe(true);
  });

  it('are promises beyond the greatest that the endpoint has ever named', () => {
    const newness = makeExportNewness((id) =>
      id === vatId(1) ? [vref('p+40'), vref('p+9'), vref('o+77')] : [],
    );
    // Names that were noted before anything was read.
    newness.note(vatId(1), vref('p+3'));
    expect(newness.isNew('v1 p+4')).toBe(false);
    expect(newness.isNew('v1 p+40')).toBe(false);
    expect(newness.isNew('v1 p+41')).toBe(true);
    // A vat may choose its numbers as it likes.
    newness.note(vatId(1), vref('p+1000'));
    newness.note(vatId(1), vref('p+50'));
    expect(newness.isNew('v1 p+51')).toBe(false);
    expect(newness.isNew('v1 p+1000')).toBe(false);
    expect(newness.isNew('v1 p+1001')).toBe(true);
    expect(newness.isNew('v2 p+1')).toBe(true);
  });

  it('are no other names', () => {
    const newness = makeExportNewness(() => []);
    for (const ref of ['o+9', 'o-9', 'p-9', 'o+d1/9']) {
      expect(newness.isNew(`v1 ${ref}`)).toBe(false);
    }
  });
});
