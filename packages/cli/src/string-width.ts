/**
 * Stands in for the `string-width` package in the built `ocap`: yargs loads it
 * for the columns of its help, and it costs 25 ms of every start to know the
 * width of emoji, which our help has none of.
 */
const escapeSequences = /\u001b\[[0-9;]*m/gu;

const stringWidth = (text: string): number =>
  [...text.replace(escapeSequences, '')].length;

// The package's own shape, since it is put in the package's place.
export default stringWidth;
