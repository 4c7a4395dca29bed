/**
 * The program `query`: runs the SQL of clients for the daemon, which would stand
 * still meanwhile. It is ended from outside if a query takes too long. Requests
 * come on stdin, answers go to stdout, a line each.
 */
import { constants, setPriority } from 'node:os';
import { encodeLine, makeLineDecoder, messageOf } from '@ocap/kernel-utils';
import {
  openReader,
  readOnlyQuery,
  type QueryCaps,
} from '../store/read-only-query.ts';
import type {
  FromQueryProcess,
  QueryAnswer,
  QueryRequest,
} from './query-messages.ts';

// Whoever debugs waits; the daemon and its vats do not.
setPriority(constants.priority.PRIORITY_LOW);

const [path = '', caps = ''] = process.argv.slice(2);
const reader = openReader(path);
const queryCaps = JSON.parse(caps) as QueryCaps;

const answer = ({ sql }: QueryRequest): QueryAnswer => {
  try {
    return { rows: readOnlyQuery(reader, sql, queryCaps) };
  } catch (error) {
    return { refused: messageOf(error) };
  }
};

const say = (message: FromQueryProcess): void => {
  process.stdout.write(encodeLine(message));
};

// The daemon is believed: its requests have no cap.
const decoder = makeLineDecoder({ maxLineBytes: Number.MAX_SAFE_INTEGER });
process.stdin.on('data', (chunk: Buffer) => {
  for (const line of decoder.push(chunk).lines) {
    say(answer(JSON.parse(line) as QueryRequest));
  }
});
process.stdin.on('close', () => process.exit(0));
process.stdout.on('error', () => process.exit(1));
say({ ready: true });
