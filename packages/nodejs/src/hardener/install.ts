/**
 * Has SES use the hardener of this folder: it takes a `harden` that is there
 * before lockdown for the engine's own. To be imported before `ses`.
 */
import { makeHardener } from './make-hardener.ts';

Object.defineProperty(globalThis, 'harden', {
  value: makeHardener(),
  writable: true,
  configurable: true,
});
