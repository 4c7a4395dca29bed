/** The metrics of a kernel: one table, with what each number means. */
import harden from '@endo/harden';
import { counter, gauge, samplesBy, type Metric } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { RemoteCommsStatus } from './status-api.ts';

type Parts = Readonly<{ remoteComms: () => RemoteCommsStatus | undefined }>;

/** Nothing in it costs more with more that is stored: a collector asks often. */
export const makeKernelMetrics = (
  {
    store,
    vats,
    counts,
    events,
    outbox,
    powers,
  }: Pick<
    KernelContext,
    'store' | 'vats' | 'counts' | 'events' | 'outbox' | 'powers'
  >,
  { remoteComms }: Parts,
): (() => readonly Metric[]) => {
  const happened = new Map<string, number>();
  events.listen((_seq, { topic, type }) => {
    const key = `${topic} ${type}`;
    happened.set(key, (happened.get(key) ?? 0) + 1);
  });

  const vatStates = (): Map<string, number> => {
    const states = new Map([
      ['asleep', vats.ids.size],
      ['starting', 0],
      ['awake', 0],
      ['busy', 0],
    ]);
    const move = (to: string): void => {
      states.set('asleep', (states.get('asleep') ?? 0) - 1);
      states.set(to, (states.get(to) ?? 0) + 1);
    };
    for (const host of vats.hosts) {
      for (const { state, inFlight } of host.vats.values()) {
        if (state === 'starting') move('starting');
        if (state === 'awake') move(inFlight.length > 0 ? 'busy' : 'awake');
      }
    }
    return states;
  };

  const waiting = (): number =>
    store.inbox.owners().reduce((sum, id) => sum + store.inbox.size(id), 0);

  return harden(() => {
    const hosts = [...vats.hosts];
    const spare = powers.hosts.spare();
    const peers = remoteComms()?.peers ?? [];
    return [
      {
        name: 'ocap_vats',
        type: 'gauge',
        help: 'Vats by what they are doing; one that is halted is asleep.',
        samples: samplesBy('state', vatStates()),
      },
      {
        name: 'ocap_vat_hosts',
        type: 'gauge',
        help: 'Processes of vats.',
        samples: samplesBy('kind', [
          ['used', hosts.length],
          ['spare', spare === undefined ? 0 : 1],
        ]),
      },
      gauge(
        'ocap_vat_host_memory_bytes',
        'Resident memory of all processes of vats.',
        hosts.reduce(
          (sum, { process }) => sum + process.memoryBytes(),
          spare?.memoryBytes ?? 0,
        ),
      ),
      gauge(
        'ocap_vat_host_heap_bytes',
        'What the heaps of vats held after the last collection of each process, as these say themselves.',
        hosts.reduce((sum, { heapBytes = 0 }) => sum + heapBytes, 0),
      ),
      gauge(
        'ocap_inbox_messages',
        'Messages and notifications that wait for vats, services and peers.',
        waiting(),
      ),
      counter(
        'ocap_deliveries_total',
        'Deliveries to vats that were applied.',
        counts.deliveries,
      ),
      counter(
        'ocap_deliveries_undone_total',
        'Deliveries to vats that were undone, with all that they did.',
        counts.undone,
      ),
      gauge(
        'ocap_storage_full',
        'Whether calls are refused because the disk of the home is full.',
        outbox.storage.isFull() ? 1 : 0,
      ),
      counter(
        'ocap_commits_total',
        'Transactions that were put on the disk.',
        counts.commits,
      ),
      counter(
        'ocap_commit_seconds_total',
        'Time that the kernel has waited for them.',
        counts.commitMs / 1000,
      ),
      {
        name: 'ocap_events_total',
        type: 'counter',
        help: 'What has happened to vats, subclusters and grants.',
        samples: [...happened].map(([key, value]) => {
          const [topic = '', type = ''] = key.split(' ');
          return { labels: { topic, type }, value };
        }),
      },
      {
        name: 'ocap_peers',
        type: 'gauge',
        help: 'Other daemons by how they are reached.',
        samples: samplesBy(
          'state',
          (['connected', 'connecting', 'away', 'cut'] as const).map(
            (state) =>
              [
                state,
                peers.filter((peer) => peer.state === state).length,
              ] as const,
          ),
        ),
      },
      gauge(
        'ocap_peer_frames_queued',
        'Frames that other daemons have not acknowledged.',
        peers.reduce((sum, { queued }) => sum + queued, 0),
      ),
    ];
  });
};
