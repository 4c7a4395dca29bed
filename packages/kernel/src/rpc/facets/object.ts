/** Access to one object: to call it, and what its answers bring. */
import { RejectedError, type CapData, type KRef } from '@ocap/kernel-utils';
import type { Access } from '../../access-api.ts';
import type { Kernel } from '../../kernel-api.ts';
import { describe } from '../methods/describe.ts';
import { isRevoked } from '../methods/is-revoked.ts';
import { listNames } from '../methods/list-names.ts';
import { queueMessage } from '../methods/queue-message.ts';
import { makeFacet, type Facet } from './facet.ts';
import { makeHeldReferences, type HeldReferences } from './held-references.ts';
import { commonMethods, commonPowers, type ConnectionPowers } from './none.ts';

const methods = [
  queueMessage,
  describe,
  isRevoked,
  listNames,
  ...commonMethods,
] as const;

type ObjectKernel = Pick<
  Kernel,
  'queueMessage' | 'describe' | 'isRevoked' | 'insistAccess'
>;

type Options = Readonly<{
  access: Access;
  object: Readonly<{ ref: KRef; petname?: string }>;
  connection: ConnectionPowers;
  /** References that the connection keeps. */
  max: number;
}>;

export const makeObjectFacet = (
  kernel: ObjectKernel,
  { access: { id, name }, object: { ref, petname }, connection, max }: Options,
): Facet => {
  const names = [name, petname].filter((each) => each !== undefined);
  const held = makeHeldReferences({ root: ref, names, max });
  return makeFacet({
    title: `the access ${id}, to an object`,
    insistCurrent: () => kernel.insistAccess(id),
    methods,
    powers: {
      ...commonPowers(connection, methods),
      queueMessage: makeCall(kernel, held, id),
      describe: async (target: string) => {
        const about = await kernel.describe(held.lookUp(target));
        // Not which vat or peer it is of, nor how the owner calls it.
        const { vat: _vat, peer: _peer, ...rest } = about;
        return { ...rest, names: held.namesOf(about.kref) };
      },
      isRevoked: (target: string) => kernel.isRevoked(held.lookUp(target)),
      listNames: () => names.map((each) => ({ name: each, kref: ref })),
    },
  });
};

const makeCall =
  (
    kernel: ObjectKernel,
    held: HeldReferences,
    id: string,
  ): Kernel['queueMessage'] =>
  async (target, method, args, { requestId } = {}): Promise<CapData<KRef>> => {
    try {
      const answer = await kernel.queueMessage(target, method, args, {
        lookUp: held.lookUp,
        // Not one that the owner, or another access, has used: its answer is theirs.
        ...(requestId === undefined ? {} : { requestId: `${id} ${requestId}` }),
      });
      held.learn(answer.slots);
      return answer;
    } catch (thrown) {
      if (thrown instanceof RejectedError) held.learn(thrown.capdata.slots);
      throw thrown;
    }
  };
