/** What a line is to the daemon, and whether what it says to it is an answer. */
import type { Json } from '@ocap/kernel-utils';

type Unknown = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const own = (value: Unknown, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;

const isId = (value: unknown): boolean =>
  value === null || typeof value === 'string' || Number.isFinite(value);

const isRequest = (message: unknown): message is Unknown => {
  if (!isRecord(message)) return false;
  const params = own(message, 'params');
  return (
    own(message, 'jsonrpc') === '2.0' &&
    typeof own(message, 'method') === 'string' &&
    (!Object.hasOwn(message, 'id') || isId(message['id'])) &&
    (params === undefined || (typeof params === 'object' && params !== null))
  );
};

/**
 * The id of the answer that is due, as JSON; `undefined` if none is: to a blank
 * line, and to a notification. Written after the specification of JSON-RPC 2.0.
 */
export const dueId = (line: string): string | undefined => {
  if (/^[ \t\r]*$/u.test(line)) return undefined;
  const message = parseLine(line);
  if (isRequest(message) && !Object.hasOwn(message, 'id')) return undefined;
  const id =
    isRecord(message) && Object.hasOwn(message, 'id') ? message['id'] : null;
  return isId(id) ? JSON.stringify(id) : 'null';
};

/** Would end the daemon, which is what it is for. */
export const isShutdown = (line: string): boolean => {
  const message = parseLine(line);
  return isRequest(message) && own(message, 'method') === 'shutdown';
};

export const isEvent = (answer: unknown): boolean =>
  isRecord(answer) && own(answer, 'method') === 'event';

/** What is wrong with an answer; `undefined` if nothing is. */
export const problemOfAnswer = (answer: unknown): string | undefined => {
  if (!isRecord(answer)) return 'it is no JSON object';
  const { jsonrpc, error } = answer;
  if (jsonrpc !== '2.0') return 'it is not of JSON-RPC 2.0';
  if (!Object.hasOwn(answer, 'id')) return 'it has no id';
  if (Object.hasOwn(answer, 'result') === Object.hasOwn(answer, 'error'))
    return 'it has not one of result and error';
  if (error === undefined) return undefined;
  if (!isRecord(error)) return 'its error is no object';
  const { code, message } = error;
  if (!Number.isInteger(code)) return 'its error has no code';
  if (typeof message !== 'string' || message === '')
    return 'its error has no message';
  return code === -32603 ? 'it tells of a defect of the daemon' : undefined;
};

/** Ids that are due and did not come, or came and were not due. */
export const unmatched = (
  due: readonly string[],
  came: readonly string[],
): Json => {
  const counts = new Map<string, number>();
  for (const id of due) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const id of came) counts.set(id, (counts.get(id) ?? 0) - 1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([id, count]) => `${id.slice(0, 40)}: ${count}`)
    .slice(0, 20);
};
