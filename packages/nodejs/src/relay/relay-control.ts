/**
 * The relay of a home, from outside: start it in the background, ask it, stop
 * it. `home` is that of a daemon; see relay-paths.ts. Loads nothing of libp2p,
 * for it is part of the CLI.
 */
import { makeClient, PING_TIMEOUT_MS } from '../client/make-client.ts';
import { DaemonError, systemCodeOf } from '../client/errors.ts';
import { ensureProcess, type EnsuredDaemon } from '../daemon/ensure-daemon.ts';
import { resolveHome } from '../daemon/paths.ts';
import { stopProcess, type StopResult } from '../daemon/stop-daemon.ts';
import { relayHomeOf, relayPathsOf, type RelayPaths } from './relay-paths.ts';
import type { RelaySettings, RelayStatus } from './relay-settings.ts';

type HomeOption = Readonly<{ home?: string | undefined }>;

export const findRelayPaths = ({ home }: HomeOption): RelayPaths =>
  relayPathsOf(relayHomeOf(resolveHome(home)));

type EnsureOptions = HomeOption &
  Readonly<{
    /** Only for one that is started by this. */
    settings?: RelaySettings;
    timeoutMs?: number;
    entry?: string;
  }>;

/** Starts the relay of this home unless one runs. @throws START_FAILED, START_TIMEOUT */
export const ensureRelay = async ({
  home,
  settings = {},
  timeoutMs = 30_000,
  entry,
}: EnsureOptions = {}): Promise<EnsuredDaemon> =>
  ensureProcess({
    program: 'relay',
    paths: findRelayPaths({ home }),
    entry,
    args: ['--settings', JSON.stringify(settings)],
    timeoutMs,
  });

/** `undefined` where none runs. @throws RELAY_SILENT */
export const askRelay = async (
  options: HomeOption = {},
): Promise<RelayStatus | undefined> => {
  const { home, socketPath } = findRelayPaths(options);
  const client = makeClient({ socketPath, timeoutMs: PING_TIMEOUT_MS });
  try {
    return (await client.call('getStatus')) as RelayStatus;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    if (code === 'CALL_TIMEOUT')
      throw new DaemonError('RELAY_SILENT', { home });
    throw error;
  } finally {
    client.close();
  }
};

/** Asks it to stop, then tells it to, then ends it. */
export const stopRelay = async (
  options: HomeOption = {},
): Promise<StopResult> => stopProcess(findRelayPaths(options));
