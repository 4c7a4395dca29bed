/**
 * What a file of test262 finds declared before it: in Mozilla's copies, the
 * `shell.js` of each folder on the way to it. It is put before the file in the
 * same text, so that nothing of it is on the global.
 */

/** Makes agents and realms with functions of Mozilla's shell, and throws without them. */
const HOST_PART = 'test262-host.js';
/** Mozilla's own, not from a file of test262; it is what comes after the host. */
const AFTER_HOST = /^var \$mozAsyncTestDone\b/mu;

/**
 * To the functions that Mozilla's runner would have: what is reported is kept,
 * for the value of the whole text.
 */
const reports = `
var $reports = [];
function reportFailure(reason) { $reports[$reports.length] = 'it reports ' + reason; }
function reportCompare(expected, actual) {
  if (expected === actual) { $reports[$reports.length] = 'ok'; }
  else { reportFailure(actual + ' and not ' + expected); }
}
`;
/** After a file that is to run to its end; its value is what it reports, now and later. */
export const ending = '\n;$reports;';

/** What is before every file. */
export const harnessOf = (rootShell: string): string =>
  `${reports}${withoutHost(rootShell)}\n`;

const withoutHost = (shell: string): string => {
  const host = shell.indexOf(`// file: ${HOST_PART}`);
  const after = AFTER_HOST.exec(shell)?.index ?? -1;
  if (host === -1 || after < host) {
    throw Error('the shell.js of test262 is not as it was');
  }
  return shell.slice(0, host) + shell.slice(after);
};

/** The folders on the way to a file, the outermost first, without that of test262. */
export const foldersTo = (path: string): readonly string[] => {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
};
