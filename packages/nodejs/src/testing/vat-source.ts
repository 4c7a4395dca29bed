/** Vats for tests, written in place: a bundle as a `data:` URL. */

/**
 * `body` is the inside of `buildRootObject(vatPowers, parameters, baggage)`; it
 * finds `E`, `Far`, `M`, `makeDefaultExo`, `makePromiseKit` and `modules`.
 */
export const vatSource = (body: string): string =>
  bundleOf(`
var __vatExports__ = (function (exports) {
  const modules = __hostModules__;
  const { E } = modules['@endo/eventual-send'];
  const { Far } = modules['@endo/far'];
  const { M } = modules['@endo/patterns'];
  const { makeDefaultExo } = modules['@ocap/kernel-utils/exo'];
  const { makePromiseKit } = modules['@endo/promise-kit'];
  exports.buildRootObject = (vatPowers, parameters, baggage) => {
    ${body}
  };
  return exports;
})({});`);

export const bundleOf = (code: string): string =>
  inlineBundle(JSON.stringify({ moduleFormat: 'iife', code, external: {} }));

export const inlineBundle = (text: string): string =>
  `data:application/json;base64,${Buffer.from(text).toString('base64')}`;
