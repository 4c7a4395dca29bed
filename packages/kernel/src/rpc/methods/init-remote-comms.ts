/** To be reachable for other daemons. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { remoteComms } from '../shapes.ts';

export const initRemoteComms = defineMethod({
  name: 'initRemoteComms',
  summary:
    'Listens for other daemons and is reachable through relays, from now on and after every restart.',
  params: z.strictObject({
    listen: z
      .array(z.string())
      .readonly()
      .exactOptional()
      .describe('multiaddrs, such as /ip4/0.0.0.0/tcp/4001; none by default'),
    relays: z
      .array(z.string())
      .readonly()
      .exactOptional()
      .describe('multiaddrs of relays, with their peer ids'),
  }),
  result: remoteComms,
  handler: async (kernel: Pick<Kernel, 'initRemoteComms'>, options) =>
    kernel.initRemoteComms(options),
});
