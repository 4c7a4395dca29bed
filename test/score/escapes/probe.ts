/**
 * A probe: a published way out of a sandbox, told anew as code for a vat. It is
 * the body of an asynchronous function and gets three things:
 *
 * - `take`, to which it gives whatever might be more than it should have;
 * - `given`, what every vat has from outside of its own code: `things`
 *   (functions and objects), `fails` (calls at which code outside throws),
 *   `call` (code outside calls a function back), `promise` and `rejected`, and
 *   `list`, an array made outside;
 * - `neighbour`, an object of somebody else in the same process, with a method `hi`.
 */
export type Probe = Readonly<{
  name: string;
  /** Where it was published: an advisory, or an issue as `owner/repository#number`. */
  source: string;
  /** How it is seen to succeed: see `gains`. */
  gains: Gain;
  code: string;
  /** Why it gains nothing even where nothing holds it back; told, so that nobody believes that it does. */
  harmless?: string;
}>;

export type Gain = keyof typeof gains;

/** What may never happen, whatever a probe was meant for. */
export const gains = {
  host: 'it takes something that is `process`, a module, a call site or the global of the host, or that evaluates text where these can be seen',
  shared:
    'something that the neighbour shares with it is not what it was, or the neighbour’s own work comes to something else',
  secret: 'the neighbour’s secret is in what it takes',
} as const;
