import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../test/score/tools/verdict.ts';
import { insistPlace, updatePage, type PageRun } from './page.ts';

const verdict = (id: string, more: Partial<Verdict> = {}): Verdict => ({
  id,
  pass: true,
  value: '1 ms',
  limit: '2 ms',
  seed: 7,
  seconds: 3.21,
  mode: 'quick',
  ...more,
});

const empty = 'before\n<!-- score: begin -->\n<!-- score: end -->\nafter\n';
const run = (
  verdicts: readonly Verdict[],
  more: Partial<PageRun> = {},
): PageRun => ({
  verdicts,
  machine: 'a machine',
  date: '2026-01-01',
  circumstances: 'quiet',
  ...more,
});
const written = ['vat-spin', 'vat-memory', 'timing'];
const update = (page: string, it: PageRun): string =>
  updatePage(page, it, ({ id }) => written.includes(id));

describe('the page of the scoreboard', () => {
  it('shows what was run, and names what was not', () => {
    const page = update(empty, run([verdict('vat-spin')]));
    expect(page).toMatch(/^before\n/u);
    expect(page).toMatch(/\nafter\n$/u);
    expect(page).toMatch(
      /\| 18 +\| vat-spin +\| yes +\| 1 ms +\| 2 ms +\| 3\.2 +\| 7 +\| quick \| 2026-01-01 \|/u,
    );
    expect(page).toMatch(
      /Written, but not run on this machine:\n\n- 19 vat-memory\n- 26 timing\n/u,
    );
    expect(page.match(/^- \d+ [\w-]+$/gmu)).toHaveLength(39);
    expect(page).toContain('- 1 kill9-ledger\n');
  });

  it('keeps what was run before on the same machine, with its notes', () => {
    const first = update(
      empty,
      run([
        verdict('vat-spin', { missing: 'this and that' }),
        verdict('timing', { pass: false, value: 'a | b' }),
      ]),
    );
    const second = update(
      first,
      run([verdict('timing', { value: '9 ms' })], { date: '2026-02-02' }),
    );
    expect(second).toMatch(/vat-spin .* 2026-01-01 \|/u);
    expect(second).toContain('- 18 vat-spin: this and that');
    expect(second).toMatch(/timing +\| yes +\| 9 ms .* 2026-02-02 \|/u);
    expect(first).toMatch(/timing +\| NO +\| a ¦ b /u);
  });

  it('keeps nothing of another machine', () => {
    const first = update(empty, run([verdict('vat-spin')]));
    const second = update(
      first,
      run([verdict('timing')], { machine: 'another machine' }),
    );
    expect(second).not.toMatch(/\| vat-spin/u);
    expect(second).toContain('- 18 vat-spin\n');
  });

  it('refuses a page that has no place for the table', () => {
    expect(() => insistPlace('nothing')).toThrow(/no place for the table/u);
  });
});
