/**
 * The services `ocapURLIssuerService` and `ocapURLRedemptionService`, with the
 * names that they have in the ocap-kernel project: objects as text, and back.
 */

import harden from '@endo/harden';
import { M } from '@endo/patterns';
import type { OcapURLOptions } from '../kernel-api.ts';
import type { KRef } from '@ocap/kernel-utils';
import type { OcapUrls } from '../ocap-urls.ts';
import type { Giver } from '../store/rows.ts';
import { makeServiceExo } from './service-exo.ts';
import type { Service, ServiceCaller } from './service.ts';

const issuerGuard = M.interface('OcapURLIssuer', {
  issue: M.call(M.remotable())
    .optional(
      M.splitRecord(
        {},
        {
          expires: M.and(M.number(), M.gte(0)),
          uses: M.and(M.number(), M.gte(1)),
        },
        {},
      ),
    )
    .returns(M.string()),
  attenuate: M.call(M.arrayOf(M.string())).returns(M.remotable()),
});

const redemptionGuard = M.interface('OcapURLRedemption', {
  redeem: M.callWhen(M.string()).returns(M.remotable()),
  attenuate: M.call(M.arrayOf(M.string())).returns(M.remotable()),
});

export const makeOcapUrlIssuer = (urls: OcapUrls): Service =>
  harden({
    systemOnly: false,
    makeExo: ({ grantee, krefOf, attenuate }: ServiceCaller) =>
      makeServiceExo('OcapURLIssuer', issuerGuard, {
        /** `expires` in epoch ms, `uses` how often it can be redeemed. */
        issue: (object: unknown, options?: OcapURLOptions) =>
          urls.issue(krefOf(object), grantee, options).url,
        attenuate: (methods: string[]) => attenuate(methods),
      }),
  });

/** What a URL stands for, here or elsewhere, and who is to be named as its giver. */
export type RedeemUrl = (
  url: string,
) => Promise<Readonly<{ kref: KRef; issuer: Giver }>>;

export const makeOcapUrlRedemption = (redeem: RedeemUrl): Service =>
  harden({
    systemOnly: false,
    makeExo: ({ presenceOf, passAs, attenuate }: ServiceCaller) =>
      makeServiceExo('OcapURLRedemption', redemptionGuard, {
        redeem: async (url: string) => {
          const { kref, issuer } = await redeem(url);
          // So that it ends for the redeemer when it ends for the issuer.
          passAs(issuer);
          return presenceOf(kref);
        },
        attenuate: (methods: string[]) => attenuate(methods),
      }),
  });
