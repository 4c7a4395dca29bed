/** The metrics of a relay in the text format of Prometheus (0.0.4). */
import type { RelayStatus } from './relay-settings.ts';

type Sample = Readonly<{ labels?: string; value: number }>;
type Metric = Readonly<{
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  samples: readonly Sample[];
}>;

export const metricsText = (status: RelayStatus): string =>
  metricsOf(status)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ocap_relay_${name} ${help}`,
      `# TYPE ocap_relay_${name} ${type}`,
      ...samples.map(
        ({ labels = '', value }) => `ocap_relay_${name}${labels} ${value}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join('');

const metricsOf = ({
  metrics,
  limits,
  uptimeMs,
}: RelayStatus): readonly Metric[] => {
  const { totals, refused } = metrics;
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    type: 'gauge',
    help,
    samples: [{ value }],
  });
  const counter = (name: string, help: string, value: number): Metric => ({
    ...gauge(name, help, value),
    type: 'counter',
  });
  const by = (
    label: string,
    values: Readonly<Record<string, number>>,
  ): readonly Sample[] =>
    Object.entries(values).map(([key, value]) => ({
      labels: `{${label}="${key}"}`,
      value,
    }));

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
      samples: by('limit', {
        bytes: totals.cutByBytes,
        time: totals.cutByTime,
      }),
    },
    {
      name: 'refused_total',
      type: 'counter',
      help: 'What was asked for and not given.',
      samples: by('what', {
        connection: refused.connections,
        reservation: refused.reservations,
        circuit: refused.circuits,
        malformed: refused.malformed,
        socket: metrics.socketsClosed,
      }),
    },
  ];
};
