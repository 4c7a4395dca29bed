/**
 * Two kinds of tests. `unit` stand beside the sources; `e2e` drive the built
 * `ocap` in processes of its own, so they need `dist/` and more patience.
 */
import { defineConfig } from 'vitest/config';

// Suites of whole kernels that take minutes: with the end-to-end tests.
const longSuites = ['packages/*/src/kernel-{gc,patterns,durable}.test.ts'];

export default defineConfig({
  test: {
    // Every e2e file starts daemons and vat hosts; more at once only slow each other down.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages/*/src,scripts,bench}/**/*.test.ts'],
          exclude: longSuites,
          testTimeout: 20_000,
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
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
