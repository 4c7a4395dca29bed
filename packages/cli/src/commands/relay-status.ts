/** `ocap relay status`: whether it runs, and what it does. Starts nothing. */
import {
  askRelay,
  findDaemon,
  findRelayPaths,
  type RelayStatus,
} from '@ocap/nodejs/client';
import type { Command } from '../command.ts';
import type { Answer } from '../output.ts';
import type { Style } from '../style.ts';
import { durationText, homeText, sizeText } from '../units.ts';

export const relayStatus: Command = async (_args, { home, env }) => {
  const paths = findRelayPaths({ home });
  const shownHome = homeText(paths.home, env['HOME']);
  try {
    const status = await askRelay({ home });
    return status === undefined
      ? {
          json: { status: 'not running', home: paths.home },
          text: () => `not running  ${shownHome}`,
        }
      : runningAnswer(status, shownHome);
  } catch (error) {
    // Stuck is not the same as absent.
    if (!isSilence(error)) throw error;
    const pid = findDaemon(paths)?.pid;
    return {
      json: { status: 'not answering', pid, home: paths.home },
      text: (style) =>
        `${style.red('not answering')}  pid ${pid ?? 'unknown'}  ${shownHome}\n  end it:  ocap relay stop`,
      exitCode: 1,
    };
  }
};

const isSilence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'RELAY_SILENT';

const runningAnswer = (status: RelayStatus, shownHome: string): Answer => ({
  json: { status: 'running', ...status },
  text: (style) => runningText(status, shownHome, style),
});

const runningText = (
  { pid, uptimeMs, addresses, limits, metrics, metricsUrl }: RelayStatus,
  shownHome: string,
  style: Style,
): string => {
  const { totals, refused } = metrics;
  const taken = (name: string, count: number, max: number): string =>
    `${name} ${count} of ${max}`;
  const cut = totals.cutByBytes + totals.cutByTime;
  const refusals = Object.entries({
    ...refused,
    sockets: metrics.socketsClosed,
  })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`);
  return [
    `running  pid ${pid}  ${durationText(uptimeMs)} up  ${shownHome}`,
    ...addresses.map((address) => `  ${style.bold(address)}`),
    `  ${[
      taken('connections', metrics.connections, limits.maxConnections),
      taken('reservations', metrics.reservations, limits.maxReservations),
      taken('circuits', metrics.circuits, limits.maxCircuits),
    ].join('   ')}`,
    `  relayed ${sizeText(totals.relayedBytes)} through ${totals.circuits} circuits, of which ${cut} were cut at a limit`,
    ...(refusals.length === 0
      ? []
      : [style.yellow(`  refused: ${refusals.join(', ')}`)]),
    ...(metricsUrl === undefined ? [] : [`  metrics: ${metricsUrl}`]),
  ].join('\n');
};
