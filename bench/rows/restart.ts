/** After `kill -9` of a daemon with 50 vats: from the start of a new one to the first answer of a vat. */
import type { KRef } from '@ocap/kernel-utils';
import { counters } from '../tools/counters.ts';
import { withDaemon, type Daemon } from '../tools/daemon.ts';
import { interleave } from '../tools/interleave.ts';
import { timeOfEmptyNode } from '../tools/processes.ts';
import type { Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';

const SUBCLUSTERS = 10;
const VATS_EACH = 5;

/** Returns the root of the last one launched. */
const launchAll = async (
  daemon: Daemon,
  workspace: Workspace,
): Promise<KRef> => {
  const config = await counters(workspace, VATS_EACH);
  let root: KRef | undefined;
  for (let i = 0; i < SUBCLUSTERS; i += 1) {
    root = (await daemon.launch(config)).rootKref;
  }
  if (root === undefined) throw Error('nothing was launched');
  return root;
};

export const restart: Row = {
  id: 'restart-50',
  title: 'restart with 50 vats, to the first answer of one of them',
  floor: '`node -e 0`',
  unit: 'ms',
  goal: { kind: 'target', of: 'ours', atMost: 1000 },
  measure: async ({ workspace, amount }) =>
    withDaemon(workspace, async (daemon) => {
      const root = await launchAll(daemon, workspace);
      const restartOnce = async (): Promise<number> => {
        await daemon.kill();
        const begun = performance.now();
        await daemon.start();
        await daemon.call('queueMessage', [root, 'increment', []]);
        return performance.now() - begun;
      };
      return interleave({
        rounds: amount(4, 12),
        ours: restartOnce,
        floor: timeOfEmptyNode,
      });
    }),
};
