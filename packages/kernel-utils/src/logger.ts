/** Where a part of the system reports what happened. Fields are JSON values. */
type Report = (
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export type Logger = Readonly<{
  debug: Report;
  info: Report;
  warn: Report;
  error: Report;
}>;
