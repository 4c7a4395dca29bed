/** The power `io`: opens what a config asks for, each type in its own way. */
import { isAbsolute, join } from 'node:path';
import type { Io, IoChannel, IoSpec } from '@ocap/kernel';
import type { LimitValues, Logger } from '@ocap/kernel-utils';
import { makeConsoleChannel } from './console-channel.ts';
import { openFileChannel } from './file-channel.ts';
import { openFolderChannel } from './folder-channel.ts';
import { makeNetworkChannel } from './network-channel.ts';
import { makeSocketIOChannel } from './socket-channel.ts';

type Terms = Parameters<Io['open']>[1];

export const makeIo = ({
  folder,
  logger,
  limits,
  now,
}: Readonly<{
  /** From where relative paths are taken. */
  folder: string;
  logger: Logger;
  limits: LimitValues;
  /** Monotonic ms. */
  now: () => number;
}>): Io => {
  const absolute = (path: string): string =>
    isAbsolute(path) ? path : join(folder, path);

  const open = async (
    spec: IoSpec,
    { name, subclusterId, fresh }: Terms,
  ): Promise<IoChannel> => {
    switch (spec.type) {
      case 'console':
        return makeConsoleChannel({ name, subclusterId, logger, limits, now });
      case 'file': {
        const { path: shown, access } = spec;
        const file = { path: absolute(shown), shown, access };
        return openFileChannel(file, { fresh, limits });
      }
      case 'folder': {
        const { path: shown, access } = spec;
        const canWrite = access === 'write';
        const path = absolute(shown);
        return openFolderChannel({ path, shown, canWrite, limits });
      }
      case 'socket': {
        const { path: shown } = spec;
        const options = { limits, logger, shown };
        return makeSocketIOChannel(name, absolute(shown), options);
      }
      default:
        return makeNetworkChannel(spec, limits);
    }
  };
  return { open };
};
