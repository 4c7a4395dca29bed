/** A Node process that does nothing, to see what one weighs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { untilGone } from './processes.ts';
import type { Close, Workspace } from './workspace.ts';

// It ends with its input, so it cannot be left behind.
const program = 'process.stdin.resume(); console.log("ready")';

export const openIdleNode = async (
  workspace: Workspace,
): Promise<Readonly<{ pid: number; close: Close }>> => {
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pid = child.pid ?? 0;
  const close = workspace.own(async () => {
    child.kill('SIGKILL');
    await untilGone([pid]);
  });
  await once(child.stdout, 'data');
  return { pid, close };
};
