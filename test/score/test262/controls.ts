/**
 * Files of our own, written like those of test262, of which is known how they
 * end: a runner that passes or fails everything, or in which one file disturbs
 * the next, shows itself by them. In this order; some belong together.
 */
import { testFileOf, type TestFile } from './corpus.ts';

export type Control = Readonly<{
  file: TestFile;
  /** Of what is said about it; nothing is if it passes. */
  expected: RegExp;
}>;

const PASSES = /^$/u;

const control = (
  name: string,
  expected: RegExp,
  matter: string,
  code: string,
): Control => ({
  file: testFileOf(name, `/*---\n${matter}\n---*/\n${code}\n`),
  expected,
});

const DONE = 'reportCompare(0, 0);';
const SYNTAX = 'negative:\n  phase: parse\n  type: SyntaxError';
const ASYNC = 'flags: [async]';

export const controls: readonly Control[] = [
  control('passes', PASSES, '', `assert.sameValue(1 + 1, 2); ${DONE}`),
  control(
    'fails an assertion',
    /Test262Error/u,
    '',
    `assert.sameValue(1 + 1, 3); ${DONE}`,
  ),
  control('throws', /RangeError: no/u, '', `throw RangeError('no'); ${DONE}`),
  control(
    'throws what cannot be told',
    /cannot be told/u,
    '',
    'throw Symbol();',
  ),
  control('does not come to its end', /reports nothing/u, '', 'assert(true);'),
  control('reports twice', /twice/u, '', `${DONE} ${DONE}`),
  control('is no program, as it should', PASSES, SYNTAX, 'let let = 1;'),
  control('is a program', /does not throw/u, SYNTAX, 'let ok = 1;'),
  control('is a program that throws', /TypeError/u, SYNTAX, 'null.x;'),
  control(
    'throws another error when it runs',
    /TypeError/u,
    'negative:\n  phase: runtime\n  type: RangeError',
    'null.x;',
  ),
  control(
    'is strict',
    PASSES,
    '',
    `assert.sameValue((function () { return this; })(), undefined); ${DONE}`,
  ),
  control(
    'is done later',
    PASSES,
    ASYNC,
    'Promise.resolve().then(() => 1).then(() => $DONE());',
  ),
  control(
    'fails later',
    /Test262Error/u,
    ASYNC,
    'Promise.resolve().then(() => assert(false)).then($DONE, $DONE);',
  ),
  control('is never done', /reports nothing/u, ASYNC, 'new Promise(() => {});'),
  control(
    'rejects what nobody handles',
    PASSES,
    '',
    `Promise.reject(Error('x')); ${DONE}`,
  ),
  control(
    'leaves things on the global',
    PASSES,
    '',
    `globalThis.left = 1; globalThis.Array = 1; globalThis.eval = 1; delete globalThis.Map; ${DONE}`,
  ),
  control(
    'finds the global as it was, with the harness not on it',
    PASSES,
    '',
    `assert.sameValue('left' in globalThis, false); assert.sameValue(Array, [].constructor);
     assert.sameValue(eval('1 + 1'), 2); assert.sameValue(new Map().size, 0);
     assert.sameValue('reportCompare' in globalThis, false); ${DONE}`,
  ),
  control(
    'leaves what cannot be taken away',
    PASSES,
    '',
    `Object.defineProperty(globalThis, 'stuck', { value: 1 }); ${DONE}`,
  ),
  control(
    'does not find it',
    PASSES,
    '',
    `assert.sameValue('stuck' in globalThis, false); ${DONE}`,
  ),
  control('does not end', /^it end(?:s|ed) its/u, '', 'for (;;);'),
  control('comes after it', PASSES, '', DONE),
];
