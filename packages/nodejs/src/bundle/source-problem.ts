/** What the bundler complains about, as one short line with the place in the source. */
import { relative } from 'node:path';
import { BundleError } from './bundle-error.ts';

type Log = Readonly<{
  message: string;
  id?: string;
  loc?: Readonly<{ file?: string; line: number; column: number }>;
}>;

export const sourceProblem = (
  error: unknown,
  directory: string,
): BundleError => {
  const [first] = logsOf(error);
  const message = first?.message ?? String(error);
  return new BundleError('SOURCE_INVALID', {
    problem: first === undefined ? message : lineOf(first, directory),
  });
};

const logsOf = (error: unknown): readonly Log[] => {
  if (!(error instanceof Error)) {
    return [];
  }
  return 'errors' in error && Array.isArray(error.errors)
    ? (error.errors as Log[])
    : [error];
};

const lineOf = ({ message, id, loc }: Log, directory: string): string => {
  const file = loc?.file ?? id;
  const place =
    file === undefined
      ? ''
      : `${relative(directory, file)}${loc === undefined ? '' : `:${loc.line}:${loc.column + 1}`}: `;
  return place + firstSentence(message);
};

/** Without the code frame, the colours and the bundler's own prefixes. */
const firstSentence = (message: string): string => {
  const lines = message
    .replace(/\u001b\[[0-9;]*m/gu, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return (lines[0] ?? '').replace(
    /^\s*(?:Build failed.*|\[?[A-Z_]+\]? )\s*/u,
    '',
  );
};
