/** What `ocap daemon doctor` finds: one thing that was looked at, and how it is. */
export type Finding = Readonly<{
  /** What was looked at: `home`, `disk`, `database` and so on. */
  what: string;
  /** `unknown`: it could not be looked at now. */
  state: 'ok' | 'warning' | 'problem' | 'unknown';
  found: string;
  /** What to do; of everything that is not ok. */
  advice?: string;
}>;

export const ok = (what: string, found: string): Finding => ({
  what,
  state: 'ok',
  found,
});

export const notOk = (
  state: Exclude<Finding['state'], 'ok'>,
  what: string,
  found: string,
  advice: string,
): Finding => ({ what, state, found, advice });
