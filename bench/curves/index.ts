/** All curves, in the order of the table. */
import type { Curve } from '../tools/curve.ts';
import { database } from './database.ts';
import { objects } from './objects.ts';
import { vats } from './vats.ts';

export const curves: readonly Curve[] = [vats, objects, database];
