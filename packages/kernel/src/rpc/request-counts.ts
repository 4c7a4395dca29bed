/** How many requests there were, by method and how they ended. */
import type { Metric } from '@ocap/kernel-utils';

export type RequestCounts = Readonly<{
  /** `method` is one that there is; `undefined` for what asked for none. */
  note(method: string | undefined, outcome: 'answered' | 'failed'): void;
  metrics(): readonly Metric[];
}>;

export const makeRequestCounts = (): RequestCounts => {
  const counts = {
    answered: new Map<string, number>(),
    failed: new Map<string, number>(),
  };
  return {
    note: (method = '', outcome) => {
      const map = counts[outcome];
      map.set(method, (map.get(method) ?? 0) + 1);
    },
    metrics: () => [
      {
        name: 'ocap_requests_total',
        type: 'counter',
        help: 'Requests by method; without a method: what was none.',
        samples: (['answered', 'failed'] as const).flatMap((outcome) =>
          [...counts[outcome]].map(([method, value]) => ({
            labels: { method, outcome },
            value,
          })),
        ),
      },
    ],
  };
};
