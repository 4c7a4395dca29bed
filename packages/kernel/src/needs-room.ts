/**
 * What the kernel does only while the disk takes what comes of it. Everything
 * else is answered also while it is full; so is whoever comes to look what is wrong.
 */
import type { Kernel } from './kernel-api.ts';

const storing = [
  'launchSubcluster',
  'terminateSubcluster',
  'terminateVat',
  'terminateAllVats',
  'restartVat',
  'upgradeVat',
  'queueMessage',
  'collectGarbage',
  'clearState',
  'setName',
  'removeName',
  'revoke',
  'grantAccess',
  'issueOcapURL',
  'redeemOcapURL',
  'initRemoteComms',
  'registerLocationHints',
  // It asks the vat, by a message.
  'describe',
] as const satisfies readonly (keyof Kernel)[];

type Storing = Pick<Kernel, (typeof storing)[number]>;
type Method = (...args: unknown[]) => Promise<unknown>;

/** The same methods, refused where there is no room: then nothing of them is done. */
export const refusedWithoutRoom = (
  kernel: Storing,
  /** @throws STORAGE_FULL */
  insistRoom: () => void,
): Storing =>
  Object.fromEntries(
    storing.map((name) => {
      const method = kernel[name] as Method;
      const refusing: Method = async (...args) => {
        insistRoom();
        return method(...args);
      };
      return [name, refusing];
    }),
  ) as unknown as Storing;
