/** The services that there are, by the name under which a config asks for them. */
import type { Kernel } from '../kernel-api.ts';
import type { OcapUrls } from '../ocap-urls.ts';
import type { Powers } from '../powers.ts';
import type { Wakeups } from '../wakeups.ts';
import { makeClockService } from './clock.ts';
import { IO, type IoChannels } from './io-channels.ts';
import { makeIoService } from './io-service.ts';
import { makeKernelFacet } from './kernel-facet.ts';
import { makeNamesService } from './names-service.ts';
import { makeGate, type GateKeepers } from '../remotes/gate.ts';
import { GATE } from '../remotes/gates.ts';
import {
  makeOcapUrlIssuer,
  makeOcapUrlRedemption,
  type RedeemUrl,
} from './ocap-url-services.ts';
import { makeRandomService } from './random.ts';
import type { Service } from './service.ts';

export const makeKernelServices = ({
  kernel,
  powers,
  wakeups,
  io,
  urls,
  redeem,
  gate,
  others,
}: Readonly<{
  /** Asked for when a call comes, because the kernel is made after its services. */
  kernel: () => Kernel;
  powers: Powers;
  wakeups: Wakeups;
  io: IoChannels;
  urls: OcapUrls;
  redeem: RedeemUrl;
  gate: GateKeepers;
  /** Those of the embedder. */
  others: Readonly<Record<string, Service>>;
}>): ReadonlyMap<string, Service> =>
  new Map([
    ['kernelFacet', makeKernelFacet(kernel)],
    ['names', makeNamesService(kernel)],
    ['clock', makeClockService(wakeups, powers)],
    ['random', makeRandomService(powers)],
    ['ocapURLIssuerService', makeOcapUrlIssuer(urls)],
    ['ocapURLRedemptionService', makeOcapUrlRedemption(redeem)],
    ...Object.entries(others),
    [IO, makeIoService(io)],
    [GATE, makeGate(gate)],
  ]);
