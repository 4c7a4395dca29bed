/** An object URL, redeemed here or at the kernel that issued it. */
import { KERNEL } from '@ocap/kernel-utils';
import type { OcapUrls } from '../ocap-urls.ts';
import type { RedeemUrl } from '../services/ocap-url-services.ts';
import type { Remotes } from './remotes.ts';

export const makeRedeemUrl =
  ({
    urls,
    remotes,
  }: Readonly<{ urls: OcapUrls; remotes: Remotes }>): RedeemUrl =>
  async (url) => {
    const { token, elsewhere } = urls.parse(url);
    if (elsewhere === undefined) {
      return urls.redeemToken(token);
    }
    const { peerId, hints } = elsewhere;
    return {
      kref: await remotes.redeem(peerId, hints, token),
      issuer: KERNEL,
    };
  };
