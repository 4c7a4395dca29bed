/**
 * A few rules that find bugs; formatting is prettier's, types are the
 * compiler's. The kernel's own rules keep it deterministic: whatever it knows
 * of clock, chance and the machine is injected, so a run can be replayed.
 */
import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const noIo =
  'The kernel does no I/O: what it needs of the machine is injected as powers.';
const nodeModules = {
  patterns: [{ group: ['node:*'], message: noIo }],
  paths: builtinModules.map((name) => ({ name, message: noIo })),
};

const ambient = [
  'Date',
  'Temporal',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'crypto',
  'process',
  'Buffer',
  'fetch',
  'WebSocket',
].map((name) => ({
  name,
  message: 'Clock, chance, timers and the machine are injected as powers.',
}));

const chance = [
  {
    object: 'Math',
    property: 'random',
    message: 'Randomness is injected as a power.',
  },
];

const bugs = {
  eqeqeq: ['error', 'always'],
  'no-cond-assign': ['error', 'always'],
  'no-empty': 'error',
  'no-fallthrough': 'error',
  'no-promise-executor-return': 'error',
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unsafe-finally': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
};

export default defineConfig(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      '**/*.bundle',
      '.tmp/',
      'coverage/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { rules: bugs },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    files: ['packages/{kernel,kernel-utils}/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-imports': ['error', nodeModules],
    },
  },
  {
    files: ['packages/{kernel,kernel-utils}/src/**/*.ts'],
    // Vat code runs in a host of its own, which may look at its own clock.
    ignores: ['**/*.test.ts', 'packages/kernel/src/vat/**'],
    rules: {
      'no-restricted-globals': ['error', ...ambient],
      'no-restricted-properties': ['error', ...chance],
    },
  },
  {
    // Vat code: what a Compartment offers, and nothing else.
    files: ['examples/**/*.js'],
    languageOptions: {
      globals: {
        assert: 'readonly',
        console: 'readonly',
        harden: 'readonly',
        VatData: 'readonly',
        TextDecoder: 'readonly',
        TextEncoder: 'readonly',
      },
    },
    rules: {
      'no-restricted-imports': ['error', nodeModules],
      'no-restricted-properties': ['error', ...chance],
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
);
