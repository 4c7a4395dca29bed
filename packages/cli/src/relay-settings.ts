/** The options of `ocap relay start` as the relay takes them. */
import type { RelaySettings } from '@ocap/nodejs/client';
import { CliError } from './cli-error.ts';
import type { CommandArguments } from './command.ts';
import { durationMs } from './commands/share.ts';

/** Whether the numbers make sense for a relay is for the relay to say. */
export const relaySettings = (args: CommandArguments): RelaySettings => {
  const count = (option: string): number | undefined => {
    const text = args.text(option);
    if (text === undefined || /^\d{1,15}$/u.test(text)) {
      return text === undefined ? undefined : Number(text);
    }
    throw new CliError('OPTION_WRONG', {
      problem: `--${option} "${text}" is not a whole number`,
    });
  };
  const port = (option: string): number | undefined => {
    const number = count(option);
    if (number === undefined || number <= 65_535) return number;
    throw new CliError('OPTION_WRONG', {
      problem: `--${option} ${number} is not a port: it is a number up to 65535, or 0 for any that is free`,
    });
  };
  const ttl = args.text('reservation-ttl');
  const seconds = count('circuit-seconds');
  const announce = args.text('announce')?.split(',');

  return given({
    tcpPort: port('tcp-port'),
    wsPort: port('ws-port'),
    metricsPort: port('metrics-port'),
    host: args.text('host'),
    publicIp: args.text('public-ip'),
    announce: announce?.map((address) => address.trim()),
    limits: given({
      maxReservations: count('max-reservations'),
      reservationMs: ttl && durationMs('reservation-ttl', ttl),
      maxCircuits: count('max-circuits'),
      circuitMs: seconds === undefined ? undefined : seconds * 1000,
      circuitBytes: count('circuit-bytes'),
      maxConnections: count('max-connections'),
      maxPerIp: count('max-per-ip'),
      inboundPerSecond: count('inbound-rate'),
    }),
  });
};

type Given<Values> = {
  [Key in keyof Values]?: Exclude<Values[Key], undefined | ''>;
};

/** Without what nobody has said. */
const given = <Values extends object>(values: Values): Given<Values> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<Values>;
