/** The two objects that are in the c-list of every other kernel from the start. */
import { ROOT_VREF, vref } from '@ocap/kernel-utils';

/** The service behind the gate. It has a space: no config can ask for it. */
export const GATE = 'peer gate';

export const OUR_GATE = vref('o-0');
export const THEIR_GATE = ROOT_VREF;
export const GATES = 2;
