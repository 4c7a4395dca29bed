import { relayLimits } from '@ocap/kernel-utils/libp2p';
import { expect, it } from 'vitest';
import { relayMetricsText } from './metrics-text.ts';
import type { RelayStatus } from './relay-settings.ts';

const values = Object.fromEntries(
  Object.entries(relayLimits).map(([name, { value }]) => [name, value]),
) as RelayStatus['limits'];

const status: RelayStatus = {
  pid: 1,
  home: '/home',
  peerId: 'p',
  addresses: [],
  uptimeMs: 1500,
  limits: values,
  metrics: {
    connections: 3,
    reservations: 2,
    circuits: 1,
    totals: {
      connections: 30,
      reservations: 20,
      circuits: 10,
      relayedBytes: 12_345,
      cutByBytes: 4,
      cutByTime: 5,
    },
    refused: { connections: 6, reservations: 7, circuits: 8, malformed: 9 },
    socketsClosed: 11,
  },
};

it('has every number once, each with its type', () => {
  const lines = relayMetricsText(status).split('\n');
  expect(lines.at(-1)).toBe('');
  expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'ocap_relay_uptime_seconds 1.5',
    'ocap_relay_connections 3',
    `ocap_relay_connections_max ${values.maxConnections}`,
    'ocap_relay_reservations 2',
    `ocap_relay_reservations_max ${values.maxReservations}`,
    'ocap_relay_circuits 1',
    `ocap_relay_circuits_max ${values.maxCircuits}`,
    'ocap_relay_connections_total 30',
    'ocap_relay_reservations_total 20',
    'ocap_relay_circuits_total 10',
    'ocap_relay_relayed_bytes_total 12345',
    'ocap_relay_circuits_cut_total{limit="bytes"} 4',
    'ocap_relay_circuits_cut_total{limit="time"} 5',
    'ocap_relay_refused_total{what="connection"} 6',
    'ocap_relay_refused_total{what="reservation"} 7',
    'ocap_relay_refused_total{what="circuit"} 8',
    'ocap_relay_refused_total{what="malformed"} 9',
    'ocap_relay_refused_total{what="socket"} 11',
  ]);
  const types = lines.filter((line) => line.startsWith('# TYPE'));
  expect(types).toContain('# TYPE ocap_relay_connections gauge');
  expect(types).toContain('# TYPE ocap_relay_connections_total counter');
  expect(new Set(types).size).toBe(types.length);
});
