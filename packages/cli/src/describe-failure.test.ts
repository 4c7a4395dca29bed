import { BundleError } from '@ocap/nodejs/bundle';
import { RpcError } from '@ocap/nodejs/client';
import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { describeFailure } from './describe-failure.ts';

const rpcError = (message: string, code: string): RpcError =>
  new RpcError(-32000, message, { code });

describe('a failure is told', () => {
  it.each([
    ['of our own', new CliError('REF_EMPTY'), /^After "@"/u, 'REF_EMPTY'],
    [
      'of the bundler',
      new BundleError('SOURCE_INVALID', { problem: 'a.js:1:2: Oh' }),
      /^a\.js:1:2: Oh$/u,
      'SOURCE_INVALID',
    ],
  ])('without its code if it is %s', (_title, error, line, code) => {
    const { lines, json } = describeFailure(error);
    expect(lines[0]).toMatch(line);
    expect(json).toStrictEqual({ code, message: error.message });
  });

  it('with its code, behind the message and before the hints, if the daemon answered it', () => {
    const error = rpcError('It is so.\nlook here', 'SOURCE_INVALID');
    expect(describeFailure(error).lines).toStrictEqual([
      'It is so.  (SOURCE_INVALID)',
      'look here',
    ]);
    const rejected = rpcError('no money', 'CALL_REJECTED');
    expect(describeFailure(rejected).lines).toStrictEqual(['no money']);
  });

  it('with what to do at the other side, if it is there', () => {
    const away = rpcError('The peer was not reached.', 'PEER_UNREACHABLE');
    expect(describeFailure(away)).toMatchObject({
      lines: [
        'The peer was not reached.  (PEER_UNREACHABLE)',
        expect.stringContaining('ocap daemon status'),
        expect.stringContaining('ocap share'),
      ],
      json: { message: 'The peer was not reached.' },
    });
  });

  it('with its stack if it is a bug', () => {
    expect(describeFailure(new TypeError('odd')).lines.join('\n')).toMatch(
      /^TypeError: odd\n\s+at /u,
    );
  });
});
