/**
 * Whether CapData of somebody else can be decoded in the daemon at a bearable
 * cost: a number of a million digits takes longer than a thousand calls, and so
 * does a list of a million records.
 */
import {
  boundExceeded,
  fail,
  limits,
  type CapData,
  type LimitValues,
  type OcapError,
} from '@ocap/kernel-utils';

type Limits = Pick<
  LimitValues,
  'nestingLevels' | 'serviceCallParts' | 'bigintDigits'
>;

const defaults: Limits = {
  nestingLevels: limits.nestingLevels.value,
  serviceCallParts: limits.serviceCallParts.value,
  bigintDigits: limits.bigintDigits.value,
};

/** Why it is not to be decoded; undefined if it may be. */
export const decodingProblem = (
  { body }: CapData,
  { nestingLevels, serviceCallParts, bigintDigits }: Limits = defaults,
): OcapError | undefined => {
  const bounds = {
    levels: nestingLevels,
    parts: serviceCallParts,
    digits: bigintDigits + QUOTE_AND_SIGN,
  };
  // After the mark of smallcaps.
  switch (boundExceeded(body, bounds, 1)) {
    case 'levels':
      return fail('LIMIT_REACHED', { limit: 'nestingLevels' });
    case 'parts':
      return fail('LIMIT_REACHED', { limit: 'serviceCallParts' });
    case 'digits':
      return fail('LIMIT_REACHED', { limit: 'bigintDigits' });
    default:
      return undefined;
  }
};

const QUOTE_AND_SIGN = 2;
