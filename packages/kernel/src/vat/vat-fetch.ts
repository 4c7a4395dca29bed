/**
 * `fetch` of one vat. Nothing is fetched here: a host has no network. A call
 * becomes part of the crank in which it is made, and the daemon sends the
 * request once that crank is committed. What comes back is noted, and the vat
 * is given a turn, so that what it does with the answer is a crank, too.
 */
import harden from '@endo/harden';
import {
  fetchRequestBytes,
  type FetchOutcome,
  type FetchRequest,
} from './fetch-protocol.ts';
import type { VatLimits } from './protocol.ts';
import { Request, wireForm } from './vat-request.ts';
import { responseFrom, type Response } from './vat-response.ts';

export type FetchPowers = Readonly<{
  limits: Pick<VatLimits, 'fetchesInFlight' | 'fetchRequestBytes'>;
  /** Makes it part of the crank. */
  send(request: FetchRequest): void;
  abort(id: number): void;
  /** Asks the kernel for a turn of this vat. */
  requestTurn(): void;
}>;

export type VatFetch = Readonly<{
  fetch: (...args: ConstructorParameters<typeof Request>) => Promise<Response>;
  /** What came of a request; the vat learns of it in its next turn. */
  onFetched(id: number, outcome: FetchOutcome): void;
  /** Tells the vat what came back. */
  runDue(): void;
  /** Whether the vat waits for an answer. */
  arePending(): boolean;
  /** Nothing comes back any more. */
  stop(): void;
}>;

type Pending = Readonly<{
  resolve(response: Response): void;
  reject(error: Error): void;
}>;

export const makeVatFetch = ({
  limits,
  send,
  abort,
  requestTurn,
}: FetchPowers): VatFetch => {
  const pending = new Map<number, Pending>();
  const due: (() => void)[] = [];
  let lastId = 0;

  const insistWithinLimits = (request: FetchRequest): void => {
    const { fetchesInFlight, fetchRequestBytes: most } = limits;
    if (pending.size >= fetchesInFlight) {
      throw refusal(
        `a vat can wait for at most ${fetchesInFlight} answers at a time`,
      );
    }
    const bytes = fetchRequestBytes(request);
    if (bytes > most) {
      throw refusal(
        `the request has ${bytes} bytes, of which ${most} are allowed`,
      );
    }
  };

  const fetch: VatFetch['fetch'] = async (input, init) => {
    const asked = new Request(input, init);
    const { signal } = asked;
    signal?.throwIfAborted();
    const request = wireForm(asked, lastId + 1);
    insistWithinLimits(request);
    const id = (lastId += 1);
    send(request);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        pending.delete(id);
        abort(id);
        // Whatever the vat gave as the reason.
        const reason = signal?.reason as Error;
        reject(reason);
      };
      const settle = (): void => {
        pending.delete(id);
        signal?.removeEventListener('abort', onAbort);
      };
      signal?.addEventListener('abort', onAbort);
      pending.set(id, {
        resolve: (response) => {
          settle();
          resolve(response);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
    });
  };

  return harden({
    fetch,
    onFetched: (id: number, outcome: FetchOutcome) => {
      // Made now, so that the text it came as need not be kept.
      const response =
        'response' in outcome ? responseFrom(outcome.response) : undefined;
      due.push(() => {
        if (response !== undefined) {
          pending.get(id)?.resolve(response);
        } else if ('problem' in outcome) {
          pending.get(id)?.reject(refusal(outcome.problem));
        }
      });
      requestTurn();
    },
    runDue: () => due.splice(0).forEach((tell) => tell()),
    arePending: () => pending.size > 0,
    stop: () => {
      pending.clear();
      due.length = 0;
    },
  });
};

/** As the standard has it: whatever keeps a request from its answer is a TypeError. */
const refusal = (problem: string): TypeError =>
  TypeError(`fetch failed: ${problem}`);
