/** `ocap call`: send a message, show what came back. */
import {
  decodedToJson,
  decodedToText,
  decodeSmallcaps,
  isCapData,
  remotableText,
  type Decoded,
  type Json,
} from '@ocap/kernel-utils';
import { parseCallArgument, parseTarget } from '../call-arguments.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { findName, insistFreeName } from '../free-name.ts';
import type { Answer } from '../output.ts';

export const call: Command = async (args, context) => {
  const [target, method, ...rest] = args.words;
  const as = args.text('as');
  const requestId = args.text('request-id');
  const message: Json[] = [
    parseTarget(target ?? ''),
    method ?? '',
    rest.map(parseCallArgument),
    ...(requestId === undefined ? [] : [{ requestId }]),
  ];
  if (as !== undefined && args.text('cap') !== undefined) {
    throw new CliError('OPTION_WRONG', {
      problem: '--as gives a name, which no .ocap file permits',
    });
  }
  if (as !== undefined) {
    await insistFreeName(context, as, requestId !== undefined);
  }
  const result = await context.call('queueMessage', message);
  if (!isCapData(result)) {
    throw new TypeError(
      'The daemon answered a call with something other than CapData',
    );
  }
  const decoded = decodeSmallcaps(result);
  return as === undefined
    ? valueAnswer(decoded)
    : nameResult(context, as, decoded);
};

const valueAnswer = (decoded: Decoded): Answer => ({
  json: decodedToJson(decoded),
  text: () => (decoded.style === 'undefined' ? '' : decodedToText(decoded)),
});

const nameResult = async (
  context: Context,
  name: string,
  decoded: Decoded,
): Promise<Answer> => {
  if (decoded.style !== 'remotable') {
    throw new CliError('NOT_ONE_REFERENCE', {
      name,
      result: decodedToText(decoded),
    });
  }
  const { ref, interface: iface } = decoded;
  if ((await findName(context, name)) !== ref) {
    await context.call('setName', { name, kref: ref });
  }
  return {
    json: { name, ...(decodedToJson(decoded) as Record<string, Json>) },
    text: (style) => `${style.bold(name)} = ${remotableText(ref, iface)}`,
  };
};
