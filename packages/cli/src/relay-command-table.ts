/** The commands of `ocap relay`, announced like those of command-table.ts. */
import type { Options } from 'yargs';
import type { CommandTable } from './command.ts';

const text = (describe: string): Options => ({ type: 'string', describe });

export const relayCommands: CommandTable = {
  start: {
    words: '',
    about: 'start a relay, at which daemons meet that cannot reach each other',
    options: {
      'tcp-port': text(
        'at which port for TCP (9002); 0 takes any that is free',
      ),
      'ws-port': text('at which port for WebSockets (9001); 0 takes any'),
      host: text('at which IP address of this machine (all of them)'),
      'public-ip': text('the address at which the world sees this machine'),
      announce: text('multiaddrs to announce instead, separated by commas'),
      'max-reservations': text('peers that can be reached through it (512)'),
      'reservation-ttl': text(
        'how long a reservation holds unless it is renewed (1h)',
      ),
      'max-circuits': text('pairs of peers that talk at a time (1024)'),
      'circuit-seconds': text('how long a pair may talk at once (3600)'),
      'circuit-bytes': text('how many bytes through one circuit (134217728)'),
      'max-connections': text('open connections (1024)'),
      'max-per-ip': text('open connections from one address (64)'),
      'inbound-rate': text('new connections a second from one address (10)'),
      'metrics-port': text(
        'serve metrics for Prometheus at this loopback port',
      ),
      foreground: {
        type: 'boolean',
        describe: 'run until Ctrl-C, instead of in the background',
      },
    },
    more: `It runs in the folder "relay" of the home and keeps its identity there. If one runs already, that one goes on as it is: stop it to change its limits.

  ocap relay start --public-ip 203.0.113.7
  ocap relay start --host 127.0.0.1 --announce /dns4/relay.example.net/tcp/443/wss`,
    load: async () => (await import('./commands/relay-start.ts')).relayStart,
  },
  status: {
    words: '',
    about: 'whether the relay runs, its addresses and what it is doing',
    load: async () => (await import('./commands/relay-status.ts')).relayStatus,
  },
  stop: {
    words: '',
    about: 'stop the relay; it keeps its identity',
    load: async () => (await import('./commands/relay-stop.ts')).relayStop,
  },
};
