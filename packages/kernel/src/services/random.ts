/** The service `random`: chance from the machine's cryptographic source. */

import harden from '@endo/harden';
import { M } from '@endo/patterns';
import type { Powers } from '../powers.ts';
import { makeServiceExo } from './service-exo.ts';
import type { Service, ServiceCaller } from './service.ts';

const guard = M.interface('Random', {
  hex: M.call(M.number()).returns(M.string()),
  integer: M.call(M.number()).returns(M.number()),
  fraction: M.call().returns(M.number()),
  uuid: M.call().returns(M.string()),
  attenuate: M.call(M.arrayOf(M.string())).returns(M.remotable()),
});

const MOST_BYTES = 65_536;
/** Bits that a number holds exactly. */
const BITS = 53n;

export const makeRandomService = ({
  randomHex,
}: Pick<Powers, 'randomHex'>): Service => {
  const bits = (): bigint => BigInt(`0x${randomHex(8)}`) >> (64n - BITS);

  /** From 0 up to, not including, `below`: each as likely as any other. */
  const integer = (below: number): number => {
    if (!Number.isSafeInteger(below) || below < 1) {
      throw RangeError(`${below} is not a whole number above 0`);
    }
    const range = BigInt(below);
    const fair = (1n << BITS) - ((1n << BITS) % range);
    for (;;) {
      const drawn = bits();
      if (drawn < fair) {
        return Number(drawn % range);
      }
    }
  };

  return harden({
    systemOnly: false,
    makeExo: ({ attenuate }: ServiceCaller) =>
      makeServiceExo('Random', guard, {
        /** So many random bytes, as twice as many hexadecimal digits. */
        hex: (bytes: number) => {
          if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > MOST_BYTES) {
            throw RangeError(`from 0 to ${MOST_BYTES} bytes, not ${bytes}`);
          }
          return randomHex(bytes);
        },
        integer,
        fraction: () => Number(bits()) / 2 ** Number(BITS),
        uuid: () => uuid(randomHex(16)),
        attenuate: (methods: string[]) => attenuate(methods),
      }),
  });
};

/** Version 4, of RFC 9562. */
const uuid = (hex: string): string => {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
};
