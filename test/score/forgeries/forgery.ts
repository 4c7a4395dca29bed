/**
 * What a compromised host may say. `terminated`: a syscall that breaks the rules
 * ends the vat. `ended`: what is not even of the protocol ends the process.
 * `harmless`: it has no effect. `stopped`: either of the first two.
 */
import { call, data, done, type Script } from '../tools/script.ts';

export type Expected = 'terminated' | 'ended' | 'harmless' | 'stopped';
export type Forgery = Script &
  Readonly<{
    name: string;
    expected: Expected;
    /** Played before, in a delivery of its own, which is legal. */
    first?: Script;
  }>;

/** The syscalls between two that are legal: neither hides the other. */
export const syscalls = (
  name: string,
  illegal: readonly unknown[],
): Forgery => {
  const legal = ['send', 'o+0', call(), null];
  const frame = done([legal, ...illegal, legal], { writes: [['stolen', 'x']] });
  return { name, frames: [frame], expected: 'terminated' };
};

export const line = (
  name: string,
  frames: readonly string[],
  expected: Expected = 'ended',
): Forgery => ({ name, frames, expected });

export const settle = (ref: string): unknown => [
  'resolve',
  [[ref, false, data()]],
];

/** The host writes so many of it, with commas; `%i` is the number and `%x` a megabyte. */
export const repeated = (count: number, item: string): string =>
  `@@${count}@${item}@@`;
