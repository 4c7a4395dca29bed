/**
 * An error of a vat as text for the daemon's log or for whoever launched it:
 * its message and where in the vat's own code it came from. Stack frames of the
 * host are left out; they say nothing about the vat and name paths. A vat
 * itself never sees a stack (`errorTaming: 'safe'`).
 */

/** Frames shown. */
const FRAMES = 5;

type Realm = Readonly<{ getStackString?: (error: Error) => string }>;

/** `name: message`, then one line for each frame in the vat's code. */
export const errorText = (error: Error): string =>
  [headOf(error), ...framesOf(error).slice(0, FRAMES)].join('\n    at ');

/** `name: message (parser.js:12:3)` */
export const errorLine = (error: Error): string => {
  const [place] = framesOf(error)
    .map((frame) => /(?<place>[^\s()]+:\d+:\d+)\)?$/u.exec(frame))
    .flatMap((match) => match?.groups?.['place'] ?? []);
  return place === undefined ? headOf(error) : `${headOf(error)} (${place})`;
};

const headOf = (error: Error): string =>
  `${textOf(() => error.name)}: ${textOf(() => error.message)}`;

/** Whatever was thrown, as text. It may be a proxy, or have getters that throw. */
export const thrownText = (thrown: unknown): string =>
  textOf(() => (thrown instanceof Error ? errorLine(thrown) : String(thrown)));

const textOf = (read: () => unknown): string => {
  try {
    return String(read());
  } catch {
    return 'something that cannot be shown';
  }
};

const framesOf = (error: Error): string[] => {
  const { getStackString } = globalThis as Realm;
  const stack = getStackString?.(error) ?? '';
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line.startsWith('at ') && !/file:|node:|<anonymous>\)?$/u.test(line),
    )
    .map((line) => line.slice('at '.length));
};
