/** Answers with what it is given. */
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = () =>
  makeDefaultExo('Echo', { echo: (text) => text });
