/**
 * libp2p's window for observers. Of the many numbers that its parts offer, the
 * relay needs one, which is to be had nowhere else: which incoming connections
 * came to nothing. The rest is let pass.
 */
import type { Metrics, Stream } from './libp2p-types.ts';
import type { RelayCounts } from './relay-counts.ts';

const INBOUND_FAILURES = 'libp2p_connection_manager_dials_inbound_errors_total';

const nothing = (): void => undefined;

/** Serves as any kind of metric there is. */
const ignored = {
  update: nothing,
  increment: nothing,
  decrement: nothing,
  observe: nothing,
  reset: nothing,
  timer: () => nothing,
};
const ignore = (): typeof ignored => ignored;

type Options = Readonly<{
  counts: RelayCounts;
  watchStream(stream: Stream): void;
}>;

export const makeRelayMetrics = ({ counts, watchStream }: Options): Metrics => {
  const failures = {
    ...ignored,
    increment: (): void => {
      counts.refused.connections += 1;
    },
  };
  return {
    trackMultiaddrConnection: nothing,
    trackProtocolStream: watchStream,
    registerMetric: ignore,
    registerMetricGroup: ignore,
    registerCounter: ignore,
    registerCounterGroup: (name: string) =>
      name === INBOUND_FAILURES ? failures : ignored,
    registerHistogram: ignore,
    registerHistogramGroup: ignore,
    registerSummary: ignore,
    registerSummaryGroup: ignore,
    traceFunction: <Traced>(_name: string, traced: Traced) => traced,
    createTrace: nothing,
  };
};
