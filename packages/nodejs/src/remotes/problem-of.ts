/** Why libp2p could not do something, in words; it throws errors, lists of them, and events. */
const MAX_LENGTH = 1000;

export const problemOf = (thrown: unknown): string =>
  // What others tell may be in it: nothing long.
  wordsOf(thrown).replaceAll(/\s+/gu, ' ').slice(0, MAX_LENGTH);

const wordsOf = (thrown: unknown): string => {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return [...new Set(thrown.errors.map(wordsOf))].join('; ');
  }
  if (thrown instanceof Error) {
    return wordsByName[thrown.name] ?? (thrown.message || thrown.name);
  }
  const { message } = Object(thrown) as { message?: unknown };
  return typeof message === 'string' && message !== ''
    ? message
    : 'nothing answered';
};

const wordsByName: Partial<Record<string, string>> = {
  AbortError: 'there was no answer in time',
  TimeoutError: 'there was no answer in time',
  UnsupportedProtocolError: 'it does not speak the protocol of ocap daemons',
  StreamResetError: 'the peer cut the connection',
};
