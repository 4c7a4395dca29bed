/** `ocap daemon identity`: who the daemon of this home is to others. Starts nothing. */
import { provideIdentity } from '@ocap/nodejs/client';
import type { Command } from '../command.ts';

export const identityShow: Command = async (_args, { home }) => {
  const peerId = provideIdentity({ home });
  return { json: { peerId, home }, text: () => peerId };
};
