/** Why a request did not get its answer, in words for whoever wrote the vat. */

/** Its message is for the vat: it tells nothing of this network but what the vat asked for. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** The words for what went wrong on the way to this host. */
export const problemOf = (error: unknown, host: string): string => {
  const causes = [...chainOf(error)];
  const refused = causes.find((cause) => cause instanceof Refused);
  if (refused !== undefined) {
    return refused.message;
  }
  // Not the messages: they tell addresses.
  const code = causes.map(codeOf).find((text) => text !== undefined);
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
    ? `there is no host ${host}`
    : `no answer from the host ${host}${code === undefined ? '' : ` (${code})`}`;
};

/** The error and what caused it, from the outside in. */
function* chainOf(error: unknown): Iterable<Error> {
  for (
    let at = error;
    at instanceof Error;
    at = at instanceof AggregateError ? at.errors[0] : at.cause
  ) {
    yield at;
  }
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;
