/**
 * Imports go one way: cli → nodejs → kernel → kernel-utils. What the CLI loads
 * at run time has rules of its own: .dependency-cruiser.runtime.cjs.
 */
const source = (name) => `^packages/${name}/src/`;
const tests = '\\.test\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thing or three.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      // What these import is there only once a benchmark has installed it.
      from: { pathNot: '^bench/peers/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'kernel-utils-is-the-bottom',
      severity: 'error',
      from: { path: source('kernel-utils') },
      to: { path: '^packages/(?!kernel-utils/)' },
    },
    {
      name: 'kernel-imports-only-kernel-utils',
      severity: 'error',
      from: { path: source('kernel') },
      to: { path: '^packages/(?!kernel/|kernel-utils/)' },
    },
    {
      name: 'nodejs-does-not-import-cli',
      severity: 'error',
      from: { path: source('nodejs') },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'cli-talks-to-the-daemon-through-its-client',
      comment:
        'Of @ocap/nodejs the CLI may use only the client and the bundler.',
      severity: 'error',
      from: { path: source('cli'), pathNot: tests },
      to: {
        path: '^packages/nodejs/',
        pathNot:
          '^packages/nodejs/src/((client|bundle)/index|client/absolute-specs)\\.ts$',
      },
    },
    {
      name: 'kernel-does-no-io',
      comment: 'Clock, chance, disk and network are injected as powers.',
      severity: 'error',
      from: { path: source('(kernel|kernel-utils)'), pathNot: tests },
      to: {
        path: '^(better-sqlite3|pino|libp2p|ws|rolldown)$|node_modules/(better-sqlite3|pino|libp2p|ws|rolldown)/',
      },
    },
    {
      name: 'kernel-imports-no-node-module',
      severity: 'error',
      from: { path: source('(kernel|kernel-utils)'), pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sources-do-not-import-tests',
      severity: 'error',
      from: { path: '^packages/', pathNot: tests },
      to: { path: `${tests}|^test/` },
    },
    {
      name: 'product-does-not-import-the-benchmark',
      comment: 'Nor, with it, what it installs to compare us with.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^bench/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^bench/peers/[^/]+/node_modules/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
    skipAnalysisNotInRules: true,
  },
};
