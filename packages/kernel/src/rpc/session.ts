/**
 * What a connection may do, at every moment: one facet, which `authorize`
 * exchanges for another. Requests that come after it, also in the same write,
 * wait until it is known what they may do.
 */
import type { Access } from '../access-api.ts';
import { makeDispatch, type Dispatch } from './dispatch.ts';
import type { Facet } from './facets/facet.ts';
import { makeNoFacet, type ConnectionPowers } from './facets/none.ts';

const AUTHORIZE = 'authorize';

type Options = Omit<ConnectionPowers, 'authorize'> &
  Readonly<{
    /** What it is before it is anything else. */
    makeFirst(connection: ConnectionPowers): Facet;
    /** @throws as `authorize` of the kernel does */
    makeNext(
      token: string,
      connection: ConnectionPowers,
    ): Readonly<{ facet: Facet; access: Access }>;
    /** What it had, it has no more. */
    onLoss(): void;
  }>;

export const makeSession = ({
  makeFirst,
  makeNext,
  onLoss,
  ...rest
}: Options): Dispatch => {
  const connection: ConnectionPowers = {
    ...rest,
    authorize: (token) => {
      const { facet, access } = makeNext(token, connection);
      current = makeDispatch(facet);
      return access;
    },
  };
  let current = makeDispatch(makeFirst(connection));
  let changing: Promise<unknown> | undefined;

  return async (request) => {
    while (changing !== undefined) await changing;
    if (request.method !== AUTHORIZE) return current(request);
    // If it fails, this is how it stays: see methods/authorize.ts.
    const nothing = makeDispatch(makeNoFacet(connection));
    current = nothing;
    onLoss();
    const done = nothing(request);
    changing = done
      .catch(() => undefined)
      .finally(() => {
        changing = undefined;
      });
    return done;
  };
};
