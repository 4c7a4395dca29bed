/**
 * What is loaded whenever `ocap` runs: imports of types are not counted, nor
 * what is imported only once it is needed. The CLI starts in milliseconds
 * because it does not load SES, the store or the kernel.
 */
const { options } = require('./.dependency-cruiser.cjs');

module.exports = {
  forbidden: [
    {
      name: 'cli-starts-fast',
      comment:
        'Neither directly nor through others: each costs a user 50 ms or more.',
      severity: 'error',
      from: {
        path: '^packages/(cli/src/|nodejs/src/client/)',
        pathNot: '\\.test\\.ts$',
      },
      to: {
        path: '(^packages/kernel/)|node_modules/(ses|better-sqlite3|pino|rolldown|@agoric/[^/]+|@endo/[^/]+)/',
        reachable: true,
      },
    },
  ],
  options: {
    ...options,
    tsPreCompilationDeps: false,
    exclude: { ...options.exclude, dynamic: true },
  },
};
