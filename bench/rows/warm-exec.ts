/** What a command costs while the daemon runs: nearly all of it is the start of Node. */
import { withDaemon } from '../tools/daemon.ts';
import { interleave } from '../tools/interleave.ts';
import { timeOfEmptyNode } from '../tools/processes.ts';
import type { Row } from '../tools/row.ts';

export const warmExec: Row = {
  id: 'warm-exec',
  title: '`ocap daemon exec getStatus`, whole process',
  floor: '`node -e 0`',
  unit: 'ms',
  goal: { kind: 'target', of: 'ratio', atMost: 2.5 },
  measure: async ({ workspace, amount }) =>
    withDaemon(workspace, async (daemon) => {
      await daemon.settle();
      return interleave({
        rounds: amount(10, 40),
        warmUps: 2,
        ours: async () => (await daemon.ocap('daemon', 'exec', 'getStatus')).ms,
        floor: timeOfEmptyNode,
      });
    }),
};
