/** What came of a check, as the one line of JSON that it prints. */
import type { Json } from '@ocap/kernel-utils';
import type { Mode, Outcome } from './check.ts';

export type Verdict = Outcome &
  Readonly<{
    id: string;
    seed: number;
    /** From the beginning of the check to its end. */
    seconds: number;
    mode: Mode;
    /** What the row asks for and the check does not do yet. */
    missing?: string;
  }>;

/** The last line that is a verdict of this check; `undefined` if there is none. */
export const findVerdict = (text: string, id: string): Verdict | undefined => {
  for (const line of text.split('\n').reverse()) {
    const verdict = parseVerdict(line);
    if (verdict?.id === id) return verdict;
  }
  return undefined;
};

const parseVerdict = (line: string): Verdict | undefined => {
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
  const isVerdict =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof value['id'] === 'string' &&
    typeof value['pass'] === 'boolean' &&
    typeof value['value'] === 'string' &&
    typeof value['limit'] === 'string' &&
    typeof value['seed'] === 'number' &&
    typeof value['seconds'] === 'number' &&
    (value['mode'] === 'quick' || value['mode'] === 'full');
  return isVerdict ? (value as unknown as Verdict) : undefined;
};
