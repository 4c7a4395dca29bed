/** Statements that a check has found to be true or not, and the verdict over them. */
import { messageOf, type Json } from '@ocap/kernel-utils';
import type { Outcome } from './check.ts';

export type Fact = Readonly<{
  /** What should be so. */
  fact: string;
  holds: boolean;
  /** What is so instead. */
  found?: Json;
}>;

/** That something can be done at all. */
export const factThat = async (
  fact: string,
  done: Promise<unknown>,
): Promise<Fact> =>
  done.then(
    () => ({ fact, holds: true }),
    (thrown: unknown) => ({ fact, holds: false, found: messageOf(thrown) }),
  );

/** Of many that do not hold, so many are told. */
const TOLD = 12;

/** Passes if every fact holds, and there is at least one. */
export const judge = (
  facts: readonly Fact[],
  { value, limit }: Readonly<{ value?: string; limit: string }>,
): Outcome => {
  const failed = facts.filter(({ holds }) => !holds);
  const count = `${facts.length - failed.length} of ${facts.length} hold`;
  return {
    pass: facts.length > 0 && failed.length === 0,
    value: value === undefined ? count : `${value}; ${count}`,
    limit,
    ...(failed.length === 0 ? {} : { details: tell(failed) }),
  };
};

const tell = (failed: readonly Fact[]): Json => [
  ...failed
    .slice(0, TOLD)
    .map(({ fact, found }) =>
      found === undefined ? fact : { [fact]: shorten(found) },
    ),
  ...(failed.length > TOLD ? [`and ${failed.length - TOLD} more`] : []),
];

const SHOWN_CHARS = 400;

const shorten = (found: Json): Json => {
  const text = typeof found === 'string' ? found : JSON.stringify(found);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : found;
};
