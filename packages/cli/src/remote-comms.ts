/** To be reachable for other daemons: what was asked for, done, and waited for. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KernelStatus } from '@ocap/kernel';
import { askRelay, findRelayPaths, resolveHome } from '@ocap/nodejs/client';
import { CliError } from './cli-error.ts';
import type { CommandArguments } from './command.ts';
import type { Context } from './context.ts';
import { listenAddress, relayAddress, relayIdOf } from './listen-address.ts';
import { shortPeerId } from './peer-text.ts';

export type RemoteComms = NonNullable<KernelStatus['remoteComms']>;

export type WantedComms = Readonly<{
  listen: string[];
  relays: string[];
}>;

const POLL_MS = 50;
const RELAY_PATIENCE_MS = 10_000;

/** What `--listen`, `--relay` and `--local-relay` say; undefined if they say nothing. */
export const wantedComms = async (
  args: CommandArguments,
  context: Context,
): Promise<WantedComms | undefined> => {
  const listen = args.texts('listen').map(listenAddress);
  const relays = args.texts('relay').map(relayAddress);
  const local = args.flag('local-relay') ? await localRelay(context) : [];
  const all = [...new Set([...relays, ...local])];
  return listen.length + all.length === 0
    ? undefined
    : { listen: [...new Set(listen)], relays: all };
};

/** Of this home, or else of the usual one. */
const localRelay = async ({ home }: Context): Promise<readonly string[]> => {
  for (const candidate of new Set([home, resolveHome()])) {
    const relay = await askRelay({ home: candidate });
    if (relay !== undefined) {
      return relay.addresses;
    }
  }
  const { home: relayHome } = findRelayPaths({ home });
  throw new CliError('NO_LOCAL_RELAY', { home: relayHome });
};

export type OpenedComms = Readonly<{
  comms: RemoteComms;
  /** Relays at which this daemon is not reachable yet; it goes on trying. */
  waitingFor: readonly string[];
}>;

/** Takes the place of whatever was asked for before. */
export const openComms = async (
  context: Context,
  wanted: WantedComms,
): Promise<OpenedComms> => {
  let comms = (await context.call('initRemoteComms', wanted)) as RemoteComms;
  const relayIds = new Set(
    wanted.relays.flatMap((address) => relayIdOf(address) ?? []),
  );
  const missing = (): string[] =>
    [...relayIds].filter((id) => !comms.addresses.some(isThrough(id)));
  const end = Date.now() + RELAY_PATIENCE_MS;
  while (missing().length > 0 && Date.now() < end) {
    context.output.progress(
      `waiting for the relay ${missing().map(shortPeerId).join(', ')} …`,
    );
    await delay(POLL_MS);
    comms = (await askComms(context)) ?? comms;
  }
  return { comms, waitingFor: missing() };
};

const isThrough =
  (relayId: string) =>
  (address: string): boolean =>
    address.includes(`/p2p/${relayId}/p2p-circuit`);

/** Undefined where the daemon was never asked to talk to others. */
export const askComms = async (
  context: Context,
): Promise<RemoteComms | undefined> =>
  ((await context.call('getStatus', [])) as KernelStatus).remoteComms;
