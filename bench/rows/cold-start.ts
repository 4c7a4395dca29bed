/** From nothing (no daemon, no home) to the first answer. */
import { makeDaemon } from '../tools/daemon.ts';
import { interleave } from '../tools/interleave.ts';
import { timeOfEmptyNode } from '../tools/processes.ts';
import type { Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';

export const coldStart: Row = {
  id: 'cold-start',
  title: '`ocap daemon exec` that has to start the daemon',
  floor: '`node -e 0`, twice',
  unit: 'ms',
  goal: { kind: 'target', of: 'ours', atMost: 400 },
  measure: async ({ workspace, amount }) =>
    interleave({
      rounds: amount(5, 15),
      ours: async () => startOnce(workspace),
      floor: async () => (await timeOfEmptyNode()) + (await timeOfEmptyNode()),
    }),
};

const startOnce = async (workspace: Workspace): Promise<number> => {
  const daemon = makeDaemon(workspace);
  try {
    return (await daemon.ocap('daemon', 'exec')).ms;
  } finally {
    await daemon.close();
  }
};
