/**
 * Two kinds of tests. `unit` stand beside the sources; `e2e` drive the built
 * `ocap` in processes of its own, so they need `dist/` and more patience.
 */
import { defineConfig } from 'vitest/config';

// Suites of whole kernels that take minutes: with the end-to-end tests.
const longSuites = [
  'packages/*/src/kernel-{gc,patterns,durable,remote-patterns,remote-volume,introductions,introduction-faults}.test.ts',
];

// What is waited for comes soon, but on a busy machine not within the second of vitest.
const patient = { poll: { timeout: 10_000 } };

export default defineConfig({
  test: {
    // Every e2e file starts daemons and vat hosts; more at once only slow each other down.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages/*/src,scripts,bench}/**/*.test.ts'],
          // Peers of the benchmark have tests of their own.
          exclude: [...longSuites, '**/node_modules/**'],
          expect: patient,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: [
            'test/**/*.test.ts',
            'examples/**/*.test.ts',
            ...longSuites,
          ],
          globalSetup: ['test/support/require-build.ts'],
          expect: patient,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
