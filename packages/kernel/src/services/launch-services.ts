/** What a launch gives to the bootstrap method besides the vats: services and IO channels. */
import harden from '@endo/harden';
import { fail, type KRef, type SubclusterId } from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type { ClusterConfig } from '../kernel-api.ts';
import type { GrantRow } from '../store/rows.ts';
import type { Grants } from './grants.ts';
import { IO, type IoChannels, type OpenedChannel } from './io-channels.ts';
import type { Service } from './service.ts';

export type LaunchServices = Readonly<{
  /** Throws for a service that there is not, or that is not for this launch. */
  insist(config: ClusterConfig, isSystem: boolean): void;
  /** All or none, to be granted at once; rejects with IO_FAILED or LIMIT_REACHED. */
  openIo(
    id: SubclusterId,
    config: ClusterConfig,
  ): Promise<readonly OpenedChannel[]>;
  /** Within a savepoint: a grant of its own for each, held until it is passed on. */
  grant(
    id: SubclusterId,
    config: ClusterConfig,
    channels: readonly OpenedChannel[],
  ): readonly (readonly [name: string, kref: KRef])[];
}>;

export const makeLaunchServices = (
  { refs }: Pick<KernelContext, 'refs'>,
  {
    grants,
    services,
    io,
  }: Readonly<{
    grants: Grants;
    services: ReadonlyMap<string, Service>;
    io: IoChannels;
  }>,
): LaunchServices => {
  const grantOne = (
    grantee: SubclusterId,
    { service, params }: Pick<GrantRow, 'service' | 'params'>,
  ): KRef => {
    const row = { service, grantee, methods: null, parent: null, params };
    const kref = grants.make(row);
    refs.hold(kref);
    return kref;
  };
  return harden({
    insist: ({ services: wanted = [] }: ClusterConfig, isSystem: boolean) => {
      for (const name of wanted) {
        const service = name === IO ? undefined : services.get(name);
        if (service === undefined) {
          throw fail('SERVICE_UNKNOWN', { service: name });
        }
        if (service.systemOnly && !isSystem) {
          throw fail('SERVICE_RESTRICTED', { service: name });
        }
      }
    },
    openIo: async (id: SubclusterId, config: ClusterConfig) =>
      io.open(config.io ?? {}, id),
    grant: (
      id: SubclusterId,
      { services: wanted = [] }: ClusterConfig,
      channels: readonly OpenedChannel[],
    ) => [
      ...wanted.map(
        (service) =>
          [service, grantOne(id, { service, params: null })] as const,
      ),
      ...channels.map((channel) => {
        const { params } = channel;
        const kref = grantOne(id, { service: IO, params });
        io.adopt(kref, channel);
        return [params.name, kref] as const;
      }),
    ],
  });
};
