/** How a failure is told: an operating error by its message, a bug with its stack. */
import { CliError } from './cli-error.ts';
import type { Failure } from './output.ts';

/** What to do besides what the message says, where that takes commands of the other side. */
const advice: ReadonlyMap<unknown, readonly string[]> = new Map([
  [
    'PEER_UNREACHABLE',
    [
      'does its daemon run, and where can it be reached?  there:  ocap daemon status',
      'a new URL says where it is now:  ocap share <name>',
    ],
  ],
]);

export const describeFailure = (error: unknown): Failure => {
  if (!(error instanceof Error)) {
    return { lines: [String(error)], json: { message: String(error) } };
  }
  const code = codeOf(error);
  // The bundler's errors read like our own. Told by name: to load its module
  // for the comparison would cost every start.
  if (error instanceof CliError || error.name === 'BundleError') {
    const { message } = error;
    return {
      lines: message.split('\n'),
      json: { ...(code !== undefined && { code }), message },
    };
  }
  const expected = code !== undefined;
  const text = expected ? error.message : (error.stack ?? error.message);
  const [first = '', ...hints] = text.split('\n');
  const shown =
    code === undefined || code === 'CALL_REJECTED'
      ? first
      : `${first}  (${code})`;
  return {
    lines: [shown, ...hints, ...(advice.get(code) ?? [])],
    json: {
      message: error.message,
      ...('code' in error && { code: error.code }),
      ...('data' in error && { data: error.data }),
    },
  };
};

/** Of a JSON-RPC error the application's code if it has one (`data.code`), else the number. */
export const codeOf = (error: Error): string | number | undefined => {
  const data = 'data' in error ? error.data : undefined;
  if (
    typeof data === 'object' &&
    data !== null &&
    'code' in data &&
    typeof data.code === 'string'
  ) {
    return data.code;
  }
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number'
    ? code
    : undefined;
};
