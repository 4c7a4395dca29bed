/** The metrics of a relay. */
import {
  counter,
  gauge,
  metricsText,
  samplesBy,
  type Metric,
} from '@ocap/kernel-utils';
import type { RelayStatus } from './relay-settings.ts';

export const relayMetricsText = (status: RelayStatus): string =>
  metricsText(
    metricsOf(status).map((metric) => ({
      ...metric,
      name: `ocap_relay_${metric.name}`,
    })),
  );

const metricsOf = ({
  metrics,
  limits,
  uptimeMs,
}: RelayStatus): readonly Metric[] => {
  const { totals, refused } = metrics;
  return [
    gauge('uptime_seconds', 'Since the relay started.', uptimeMs / 1000),
    gauge('connections', 'Open connections.', metrics.connections),
    gauge('connections_max', 'How many there may be.', limits.maxConnections),
    gauge('reservations', 'Reservations held.', metrics.reservations),
    gauge('reservations_max', 'How many there may be.', limits.maxReservations),
    gauge('circuits', 'Open circuits.', metrics.circuits),
    gauge('circuits_max', 'How many there may be.', limits.maxCircuits),
    counter('connections_total', 'Connections opened.', totals.connections),
    counter(
      'reservations_total',
      'Reservations given or renewed.',
      totals.reservations,
    ),
    counter('circuits_total', 'Circuits opened.', totals.circuits),
    counter(
      'relayed_bytes_total',
      'Bytes through circuits, both directions.',
      totals.relayedBytes,
    ),
    {
      name: 'circuits_cut_total',
      type: 'counter',
      help: 'Circuits that ended at a limit.',
      samples: samplesBy('limit', [
        ['bytes', totals.cutByBytes],
        ['time', totals.cutByTime],
      ]),
    },
    {
      name: 'refused_total',
      type: 'counter',
      help: 'What was asked for and not given.',
      samples: samplesBy('what', [
        ['connection', refused.connections],
        ['reservation', refused.reservations],
        ['circuit', refused.circuits],
        ['malformed', refused.malformed],
        ['socket', metrics.socketsClosed],
      ]),
    },
  ];
};
