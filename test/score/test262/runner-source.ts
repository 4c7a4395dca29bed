/**
 * Runs files of test262 one after the other; the same text for the baseline and
 * for a vat, which differ in nothing but the `eval` that they hand in. It keeps
 * no state but what the files leave behind.
 */
import type { TestFile } from './corpus.ts';

/**
 * Turns of the microtask queue after which a file that has not said that it is
 * done will not say it any more. There are no timers: a chain of promises that
 * goes on for longer would be a loop.
 */
const TURNS = 10_000;

/**
 * An expression: a function of the harness and `evaluate(text)`, which makes a
 * function of a file that resolves to '' if it passes, and to what was wrong.
 */
export const runnerSource = `((harness, ending, evaluate) => {
  const told = (thrown) => {
    try { return thrown && thrown.name ? thrown.name + ': ' + thrown.message : '' + thrown; } catch { return 'something that cannot be told'; }
  };
  const typeOf = (thrown) => {
    try { return thrown.constructor.name; } catch { return undefined; }
  };
  const judge = (reports) =>
    reports.length === 1 && reports[0] === 'ok' ? '' : reports.length === 0 ? 'it reports nothing' : reports.find((report) => report !== 'ok') || 'it reports twice';
  return async ({ prelude, text, error, isAsync }) => {
    let reports;
    try {
      reports = evaluate(harness + prelude + text + (error === '' ? ending : ''));
    } catch (thrown) {
      return error !== '' && typeOf(thrown) === error ? '' : 'it throws ' + told(thrown);
    }
    if (error !== '') return 'it does not throw ' + error;
    for (let turn = 0; isAsync && turn < ${TURNS} && reports.length === 0; turn += 1) await null;
    return judge(reports);
  };
})`;

export type MakeRunner = (
  harness: string,
  ending: string,
  evaluate: (text: string) => unknown,
) => (file: TestFile) => Promise<string>;
