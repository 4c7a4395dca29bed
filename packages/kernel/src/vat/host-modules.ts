/**
 * The standard modules, evaluated once for each host and handed, hardened, to
 * every Compartment that asks for them. A vat then costs a fraction of what it
 * would with its own copies. None of them may hold mutable state that two vats
 * could use to talk to each other; `host-modules.test.ts` looks for it.
 */
import * as store from '@agoric/store';
import * as errors from '@endo/errors';
import * as eventualSend from '@endo/eventual-send';
import * as exo from '@endo/exo';
import * as far from '@endo/far';
import harden from '@endo/harden';
import * as marshal from '@endo/marshal';
import * as passStyle from '@endo/pass-style';
import * as patterns from '@endo/patterns';
import * as promiseKit from '@endo/promise-kit';
import * as defaultExo from '@ocap/kernel-utils/exo';
import { E } from './send-only.ts';

export type HostModules = Readonly<Record<string, object>>;

/** A module namespace is exotic; a plain copy can be hardened. */
const copyOf = (namespace: object): object => harden({ ...namespace });

/** After lockdown only. */
export const makeHostModules = (): HostModules =>
  harden({
    '@agoric/store': copyOf(store),
    '@endo/errors': copyOf(errors),
    '@endo/eventual-send': copyOf({ ...eventualSend, E }),
    '@endo/exo': copyOf(exo),
    '@endo/far': copyOf({ ...far, E }),
    '@endo/marshal': copyOf(marshal),
    '@endo/pass-style': copyOf(passStyle),
    '@endo/patterns': copyOf(patterns),
    '@endo/promise-kit': copyOf(promiseKit),
    '@ocap/kernel-utils/exo': copyOf(defaultExo),
  });
