/**
 * What runs, as `getStatus` tells it. Of ten thousand vats that takes a tenth of a
 * second and more: whoever can wait takes it in steps, so that nobody else has to.
 */
import harden from '@endo/harden';
import {
  ifDefined,
  isVatId,
  ROOT_VREF,
  type SubclusterId,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { aTurn } from './in-turns.ts';
import type {
  Kernel,
  KernelStatus,
  VatState,
  VatStatus,
} from './kernel-api.ts';
import type { RemoteCommsStatus } from './status-api.ts';
import type { VatRuntime } from './vat-runtimes.ts';

/** Vats and subclusters that are described in one turn: some milliseconds of work. */
const AT_ONCE = 500;

export const makeStatus = (
  {
    store,
    vats,
    powers,
    outbox,
  }: Pick<KernelContext, 'store' | 'vats' | 'powers' | 'outbox'>,
  {
    remoteComms,
    insistRunning,
  }: Readonly<{
    remoteComms: () => RemoteCommsStatus | undefined;
    insistRunning: () => void;
  }>,
): Pick<Kernel, 'getStatus' | 'readStatus' | 'subclusterOf'> => {
  const vatStatus = (id: VatId): VatStatus[] => {
    const row = store.vats.get(id);
    if (row === undefined) {
      return [];
    }
    const vat = vats.peek(id);
    const host = vat?.host;
    const halted =
      row.ending === null ? row.halted : `it is being ended: ${row.ending}`;
    return [
      {
        id,
        name: row.name,
        subclusterId: row.subclusterId,
        config: row.config,
        state: halted === null ? stateOf(vat) : 'halted',
        ...(halted === null ? {} : { halted }),
        incarnation: row.incarnation,
        inbox: store.inbox.size(id),
        deliveries: vat?.deliveries ?? 0,
        ...(host === undefined
          ? {}
          : {
              host: {
                pid: host.process.pid,
                memoryBytes: host.process.memoryBytes(),
                vats: host.vats.size,
              },
            }),
      },
    ];
  };

  type Members = Record<string, VatId>;

  const groupOf = (
    vatStatuses: readonly VatStatus[],
  ): ReadonlyMap<SubclusterId, Members> => {
    const groups = new Map<SubclusterId, Members>();
    for (const { id, name, subclusterId } of vatStatuses) {
      const members = groups.get(subclusterId) ?? {};
      members[name] = id;
      groups.set(subclusterId, members);
    }
    return groups;
  };

  const subclusterStatus = ([of, members]: readonly [
    SubclusterId,
    Members,
  ]): KernelStatus['subclusters'] => {
    const row = store.subclusters.get(of);
    if (row === undefined) {
      return [];
    }
    const { id, config, bootstrap, system } = row;
    return [
      {
        id,
        config,
        vats: members,
        ...ifDefined({ rootKref: store.clist.krefOf(bootstrap, ROOT_VREF) }),
        ...(system === null ? {} : { system }),
      },
    ];
  };

  /** Yields where other work may come between. */
  function* describe(): Generator<undefined, KernelStatus> {
    const vatStatuses = yield* inSteps([...vats.ids], vatStatus);
    const groups = [...groupOf(vatStatuses)];
    const subclusters = yield* inSteps(groups, subclusterStatus);
    const spare = powers.hosts.spare();
    return {
      ...ifDefined({
        storage: outbox.storage.problem(),
        remoteComms: remoteComms(),
      }),
      vats: vatStatuses,
      subclusters,
      hosts: [
        ...[...vats.hosts].map(({ process, vats: held, heapBytes }) => ({
          pid: process.pid,
          vats: held.size,
          memoryBytes: process.memoryBytes(),
          ...ifDefined({ heapBytes }),
          spare: false,
        })),
        ...(spare === undefined ? [] : [{ ...spare, vats: 0, spare: true }]),
      ],
    };
  }

  const readStatus = (): KernelStatus | Promise<KernelStatus> => {
    const steps = describe();
    const first = steps.next();
    return first.done === true ? first.value : readRest(steps);
  };

  const readRest = async (
    steps: Generator<undefined, KernelStatus>,
  ): Promise<KernelStatus> => {
    for (;;) {
      await aTurn(powers);
      insistRunning();
      const step = steps.next();
      if (step.done === true) {
        return step.value;
      }
    }
  };

  return harden({
    getStatus: () => {
      const steps = describe();
      let step = steps.next();
      while (step.done !== true) {
        step = steps.next();
      }
      return step.value;
    },
    readStatus,
    subclusterOf: (id: string) =>
      isVatId(id) && vats.ids.has(id)
        ? store.vats.get(id)?.subclusterId
        : undefined,
  });
};

function* inSteps<Item, Found>(
  items: readonly Item[],
  describe: (item: Item) => readonly Found[],
): Generator<undefined, readonly Found[]> {
  const found: Found[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % AT_ONCE === 0) {
      yield;
    }
    found.push(...describe(item));
  }
  return found;
}

const stateOf = (vat: VatRuntime | undefined): VatState => {
  if (vat === undefined || vat.state !== 'awake') {
    return vat?.state ?? 'asleep';
  }
  return vat.inFlight.length > 0 ? 'busy' : 'awake';
};
