/** Lines as vats see them: read without their end, written whole. */
import { fail, type LineProblem } from '@ocap/kernel-utils';

/** Of a line that ended with CR LF. */
export const withoutReturn = (line: string): string =>
  line.endsWith('\r') ? line.slice(0, -1) : line;

/** What is written is one or more lines, also if the last one's end was left out. */
export const withLineEnd = (text: string): string =>
  text.endsWith('\n') ? text : `${text}\n`;

export const lineProblem = (problem: LineProblem, max: number): Error =>
  problem === 'too long'
    ? fail('LIMIT_REACHED', {
        limit: 'ioLineBytes',
        value: `more than ${max}`,
        max,
        unit: 'bytes',
      })
    : Error(`what comes in is ${problem}`);
