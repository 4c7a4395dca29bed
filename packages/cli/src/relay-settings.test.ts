import { relayLimits } from '@ocap/kernel-utils/libp2p';
import { describe, expect, it } from 'vitest';
import { makeCommandArguments } from './command.ts';
import { relayCommands } from './relay-command-table.ts';
import { relaySettings } from './relay-settings.ts';

const read = (options: Record<string, string>) =>
  relaySettings(makeCommandArguments([], options));

describe('the options of ocap relay start', () => {
  it('are handed on as the relay takes them', () => {
    expect(
      read({
        'tcp-port': '0',
        'ws-port': '65535',
        'metrics-port': '9100',
        host: '127.0.0.1',
        'public-ip': '203.0.113.7',
        announce: '/dns4/a.example/tcp/443/wss, /dns4/b.example/tcp/443/wss',
        'max-reservations': '1',
        'reservation-ttl': '2h',
        'max-circuits': '2',
        'circuit-seconds': '3',
        'circuit-bytes': '4000',
        'max-connections': '5',
        'max-per-ip': '6',
        'inbound-rate': '7',
      }),
    ).toStrictEqual({
      tcpPort: 0,
      wsPort: 65_535,
      metricsPort: 9100,
      host: '127.0.0.1',
      publicIp: '203.0.113.7',
      announce: ['/dns4/a.example/tcp/443/wss', '/dns4/b.example/tcp/443/wss'],
      limits: {
        maxReservations: 1,
        reservationMs: 7_200_000,
        maxCircuits: 2,
        circuitMs: 3000,
        circuitBytes: 4000,
        maxConnections: 5,
        maxPerIp: 6,
        inboundPerSecond: 7,
      },
    });
  });

  it('that are not given are left to the relay', () => {
    expect(read({})).toStrictEqual({ limits: {} });
  });

  it.each([
    ['tcp-port', '65536'],
    ['ws-port', '-1'],
    ['metrics-port', 'none'],
    ['max-reservations', '1e3'],
    ['circuit-bytes', '1.5'],
    ['max-per-ip', ''],
    ['reservation-ttl', '60'],
  ])('are refused where they make no sense: --%s "%s"', (option, text) => {
    expect(() => read({ [option]: text })).toThrow(`--${option}`);
  });

  it.each([
    ['max-reservations', relayLimits.maxReservations.value],
    ['reservation-ttl', `${relayLimits.reservationMs.value / 3_600_000}h`],
    ['max-circuits', relayLimits.maxCircuits.value],
    ['circuit-seconds', relayLimits.circuitMs.value / 1000],
    ['circuit-bytes', relayLimits.circuitBytes.value],
    ['max-connections', relayLimits.maxConnections.value],
    ['max-per-ip', relayLimits.maxPerIp.value],
    ['inbound-rate', relayLimits.inboundPerSecond.value],
  ])('are announced with what they are otherwise: --%s (%s)', (name, value) => {
    const { describe: about } = relayCommands['start']?.options?.[name] ?? {};
    expect(about).toContain(`(${value})`);
  });
});
