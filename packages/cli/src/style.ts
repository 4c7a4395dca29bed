/**
 * The few marks that output for people uses. Without colour each is the plain
 * text, so that what it says never depends on the colour.
 */
type Mark = (text: string) => string;

export type Style = Readonly<{
  bold: Mark;
  dim: Mark;
  red: Mark;
  green: Mark;
  yellow: Mark;
}>;

const mark =
  (on: number, off: number): Mark =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;
const none: Mark = (text) => text;

export const plainStyle: Style = {
  bold: none,
  dim: none,
  red: none,
  green: none,
  yellow: none,
};

const colourStyle: Style = {
  bold: mark(1, 22),
  dim: mark(2, 22),
  red: mark(31, 39),
  green: mark(32, 39),
  yellow: mark(33, 39),
};

/** Colour only on a terminal, and never where `NO_COLOR` is set (no-color.org). */
export const chooseStyle = (
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Style => {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return isTerminal && !refused ? colourStyle : plainStyle;
};
