/** What the operator does with object URLs. */
import harden from '@endo/harden';
import type { Clients } from './clients.ts';
import type { KernelContext } from './context.ts';
import type { Kernel, OcapURLOptions } from './kernel-api.ts';
import type { Names } from './names.ts';
import type { OcapUrls } from './ocap-urls.ts';
import type { RedeemUrl } from './services/ocap-url-services.ts';

export const makeUrlOperations = (
  { outbox }: Pick<KernelContext, 'outbox'>,
  {
    names,
    urls,
    redeem,
    clients,
    insistRunning,
  }: Readonly<{
    names: Pick<Names, 'insistObject'>;
    urls: Pick<OcapUrls, 'issue'>;
    redeem: RedeemUrl;
    clients: Pick<Clients, 'lease'>;
    /** @throws SHUTTING_DOWN */
    insistRunning(): void;
  }>,
): Pick<Kernel, 'issueOcapURL' | 'redeemOcapURL'> =>
  harden({
    issueOcapURL: async (target: string, options?: OcapURLOptions) => {
      const issued = urls.issue(names.insistObject(target), 'client', options);
      await outbox.committed();
      return issued;
    },
    redeemOcapURL: async (url: string) => {
      insistRunning();
      const { kref } = await redeem(url);
      clients.lease(kref);
      await outbox.committed();
      return kref;
    },
  });
