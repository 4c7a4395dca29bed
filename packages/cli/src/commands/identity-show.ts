/** `ocap daemon identity`: who the daemon of this home is to others. Starts nothing. */
import type { Command } from '../command.ts';

export const identityShow: Command = async (_args, { home, access }) => {
  const peerId = (await access()).provideIdentity({ home });
  return { json: { peerId, home }, text: () => peerId };
};
