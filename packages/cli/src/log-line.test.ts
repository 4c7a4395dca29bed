import { describe, expect, it } from 'vitest';
import { makeLogLineFormat } from './log-line.ts';
import { plainStyle } from './style.ts';

const line = JSON.stringify({
  level: 'warn',
  time: '2026-01-02T03:04:05.678Z',
  vat: 'v3',
  name: 'mint',
  subcluster: 's2',
  msg: 'slow \u001b[2J',
  ms: 12,
});
const format = (wanted?: string, raw = false): ((line: string) => string) =>
  makeLogLineFormat({
    wanted: wanted === undefined ? undefined : new Set([wanted]),
    style: plainStyle,
    raw,
  });

describe('a line of the log', () => {
  it('is shown with its level, vat, message and the rest', () => {
    expect(format()(line)).toMatch(
      /^\d\d-\d\d \d\d:\d\d:05\.678 {2}warn {3}v3 {6}slow \\x1b\[2J {2}ms=12\n$/u,
    );
  });

  it('names the subcluster if it is of no vat', () => {
    const said = JSON.stringify({ subcluster: 's2', channel: 'out', msg: 'x' });
    expect(format()(said)).toContain('daemon  x  subcluster=s2 channel=out\n');
  });

  it.each([
    ['of the vat that is wanted', 'v3', true],
    ['of the vat of that name', 'mint', true],
    ['of a vat of that subcluster', 's2', true],
    ['of another vat', 'v4', false],
    ['that only has the word in its message', 'slow', false],
  ])('%s: shown %s', (_title, wanted, shown) => {
    expect(format(wanted)(line) !== '').toBe(shown);
  });

  it('stays as it is if the raw lines are wanted', () => {
    expect(format('v3', true)(line)).toBe(`${line}\n`);
  });

  it('that is not JSON is shown to people and kept from programs', () => {
    expect(format()('Segmentation fault')).toBe('Segmentation fault\n');
    expect(format(undefined, true)('Segmentation fault')).toBe('');
  });
});
