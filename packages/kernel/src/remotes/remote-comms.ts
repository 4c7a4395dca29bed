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
  /** Why it does not listen as it was told to, if that is tried again from time to time. */
  problem(): string | undefined;
  /**
   * Unless it is there already; where it was told how to listen, not otherwise.
   * @throws REMOTE_COMMS_FAILED, SHUTTING_DOWN
   */
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
  /** How it is to listen as soon as it can, and what it takes to give that up. */
  let owed:
    | Readonly<{
        options: RemoteCommsOptions;
        problem: string;
        cancel(): void;
      }>
    | undefined;
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

  const giveUp = (): void => {
    owed?.cancel();
    owed = undefined;
  };

  const startAsBefore = async (options: RemoteCommsOptions): Promise<void> => {
    await start(options);
    giveUp();
    onStartedAgain();
  };

  const startOrTryLater = async (
    options: RemoteCommsOptions,
  ): Promise<void> => {
    try {
      await startAsBefore(options);
    } catch (error) {
      giveUp();
      if (isStopped) {
        return;
      }
      const problem = messageOf(error);
      logger.error(
        `${problem} It is tried again in ${START_AGAIN_MS / 1000} s.`,
      );
      const cancel = powers.after(START_AGAIN_MS, () => startAgain(options));
      owed = { options, problem, cancel };
    }
  };

  const startAgain = (options: RemoteCommsOptions): void => {
    void inOrder(startOrTryLater)(options);
  };

  return harden({
    started: () => started,
    problem: () => owed?.problem,
    provide: inOrder(async () =>
      owed === undefined ? start({}) : startAsBefore(owed.options),
    ),
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
        giveUp();
        return done();
      })(),
    startAgain,
    stop: async () => {
      isStopped = true;
      giveUp();
      await inOrder(end)();
    },
  });
};
