/** A console session whose lines come from a file or a program: one after the other. */
import { createInterface } from 'node:readline';
import { printable } from '@ocap/kernel-utils';
import type { Answer } from '../output.ts';
import type { Session } from './session.ts';

/** Answers with a failure if a line failed; the lines after it are still run. */
export const runPipe = async ({
  session,
  context,
  stop,
}: Session): Promise<Answer> => {
  const { output } = context;
  let failed = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    if (stop.aborted) {
      break;
    }
    if (line.trim() === '') {
      continue;
    }
    const result = await session.evaluate(line, () => undefined);
    if ('error' in result) {
      failed += 1;
    }
    const text = 'value' in result ? result.value : `✗ ${result.error}`;
    output.write(
      `${output.forPeople ? printable(text) : JSON.stringify(result)}\n`,
    );
  }
  return {
    json: null,
    text: () => '',
    silent: true,
    exitCode: failed === 0 ? 0 : 1,
  };
};
