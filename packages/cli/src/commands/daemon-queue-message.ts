/** `ocap daemon queueMessage`: a call whose result stays as the kernel gave it. */
import { parseJson, parseTarget } from '../call-arguments.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';

export const daemonQueueMessage: Command = async ({ word, words }, context) => {
  const text = words[2];
  const args = text === undefined ? [] : parseJson(text, 'the arguments');
  if (!Array.isArray(args)) {
    throw new CliError('ARGS_NOT_A_LIST');
  }
  const result = await context.call('queueMessage', [
    parseTarget(word(0)),
    word(1),
    args,
  ]);
  return { json: result, text: () => JSON.stringify(result, null, 2) };
};
