/** `ocap daemon grant`: a file that gives whoever has it a part of this daemon. */
import { resolve } from 'node:path';
import type { AccessRequest, GrantedAccess } from '@ocap/kernel';
import { isSubclusterId } from '@ocap/kernel-utils';
import { pathsOf } from '@ocap/nodejs/client';
import { facetText } from '../access-text.ts';
import { parseTarget } from '../call-arguments.ts';
import { makeCapFile, writeCapFile } from '../cap-file.ts';
import type { Command, CommandArguments } from '../command.ts';
import type { Context } from '../context.ts';
import { durationMs } from './share.ts';

export const daemonGrant: Command = async (args, context) => {
  const request = accessRequest(args, Date.now());
  const out = args.text('out') ?? `${fileName(request)}.ocap`;
  const path = resolve(context.cwd, out);
  const { token: _token, ...granted } = await grantInto(path, request, context);
  return {
    json: { ...granted, file: path },
    text: (style) =>
      [
        `${style.bold(out)}  ${granted.id}: ${facetText(granted)}${untilText(request)}`,
        `  use it:  ocap ${exampleOf(request)} --cap ${out}      take it back:  ocap revoke ${granted.id}`,
      ].join('\n'),
    notes: ['whoever can read the file has what it gives: treat it as a key'],
  };
};

const accessRequest = (args: CommandArguments, now: number): AccessRequest => {
  const ttl = args.text('ttl');
  const name = args.text('as');
  return {
    ...facetOf(args.word(0)),
    ...(ttl !== undefined && { expires: now + durationMs('ttl', ttl) }),
    ...(name !== undefined && { name }),
  };
};

/** An object that is named "status" is `@status`. */
const facetOf = (word: string): Pick<AccessRequest, 'kind' | 'target'> => {
  if (word === 'status') return { kind: 'status' };
  const target = parseTarget(word);
  return { kind: isSubclusterId(target) ? 'subcluster' : 'object', target };
};

const fileName = ({ name, target, kind }: AccessRequest): string => {
  const wanted = name ?? target ?? kind;
  // What is no name is refused by the daemon; it should not be a path till then.
  return /^[A-Za-z][\w.-]*$/u.test(wanted) ? wanted : kind;
};

/** The file first: an access that nobody can use should not be there. */
const grantInto = async (
  path: string,
  request: AccessRequest,
  context: Context,
): Promise<GrantedAccess> => {
  const { home } = context;
  const socket = pathsOf(home).socketPath;
  let granted: GrantedAccess | undefined;
  try {
    await writeCapFile(path, async () => {
      granted = (await context.call('grantAccess', request)) as GrantedAccess;
      const { token, ...access } = granted;
      return makeCapFile({ home, socket }, access, token);
    });
  } catch (error) {
    if (granted !== undefined) {
      await context.call('revoke', { kref: granted.id });
    }
    throw error;
  }
  if (granted === undefined) {
    throw new TypeError('The file was written without an access in it');
  }
  return granted;
};

const untilText = ({ expires }: AccessRequest): string =>
  expires === undefined ? '' : `, until ${new Date(expires).toISOString()}`;

const exampleOf = ({ kind, target = '' }: AccessRequest): string =>
  kind === 'object' ? `describe ${target}` : 'ps';
