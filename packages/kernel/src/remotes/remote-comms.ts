/**
 * Whether this kernel talks to others, and at which addresses it listens: one
 * who changes that waits until whoever does so already is done.
 */
import harden from '@endo/harden';
import { fail, makeInOrder, messageOf } from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type {
  PeerLink,
  PeerLinkHandlers,
  RemoteCommsOptions,
} from './peer-transport.ts';

/** Pause before another attempt to listen as before the restart. */
const START_AGAIN_MS = 10_000;

export type RemoteComms = Readonly<{
  /** When the transport is there; undefined while nobody has asked for it, or it could not start. */
  started(): Promise<void> | undefined;
  /** Unless it is there already. @throws REMOTE_COMMS_FAILED, SHUTTING_DOWN */
  provide(): Promise<void>;
  /**
   * From now on as these options say; as before if that fails.
   * @returns what `done` does while nobody else changes anything
   * @throws REMOTE_COMMS_FAILED, SHUTTING_DOWN
   */
  startAs<Result>(
    options: RemoteCommsOptions,
    done: () => Result,
  ): Promise<Result>;
  /** After a restart; its port may be free again a little later. */
  startAgain(options: RemoteCommsOptions): void;
  stop(): Promise<void>;
}>;

export const makeRemoteComms = (
  { powers }: Pick<KernelContext, 'powers'>,
  onLink: (link: PeerLink) => PeerLinkHandlers,
  /** It talks to others again as it did before. */
  onStartedAgain: () => void,
): RemoteComms => {
  const { peers: transport, logger } = powers;
  const inOrder = makeInOrder();
  let started: Promise<void> | undefined;
  /** What it was last started with. */
  let listensAs: RemoteCommsOptions | undefined;
  let cancelRetry: (() => void) | undefined;
  let isStopped = false;

  const start = async (options: RemoteCommsOptions): Promise<void> => {
    if (isStopped) {
      throw fail('SHUTTING_DOWN');
    }
    started ??= transport.start(options, onLink).then(() => {
      listensAs = options;
    });
    try {
      await started;
    } catch (error) {
      started = undefined;
      throw fail('REMOTE_COMMS_FAILED', { problem: messageOf(error) });
    }
  };

  const end = async (): Promise<void> => {
    if (started !== undefined) {
      await transport.stop();
      started = undefined;
    }
  };

  const startOrTryLater = async (
    options: RemoteCommsOptions,
  ): Promise<void> => {
    try {
      await start(options);
    } catch (error) {
      if (!isStopped) {
        logger.error(
          `${messageOf(error)} It is tried again in ${START_AGAIN_MS / 1000} s.`,
        );
        cancelRetry = powers.after(START_AGAIN_MS, () => startAgain(options));
      }
      return;
    }
    onStartedAgain();
  };

  const startAgain = (options: RemoteCommsOptions): void => {
    void inOrder(startOrTryLater)(options);
  };

  return harden({
    started: () => started,
    provide: inOrder(async () => start({})),
    startAs: async (options, done) =>
      inOrder(async () => {
        const before = listensAs;
        await end();
        try {
          await start(options);
        } catch (error) {
          // Back to what worked.
          if (before !== undefined) {
            await startOrTryLater(before);
          }
          throw error;
        }
        cancelRetry?.();
        return done();
      })(),
    startAgain,
    stop: async () => {
      isStopped = true;
      cancelRetry?.();
      await inOrder(end)();
    },
  });
};
