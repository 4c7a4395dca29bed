import { describe, expect, it } from 'vitest';
import { purge } from './daemon-purge.ts';

describe('purge', () => {
  it.each([
    ['the daemon was stopped', { stopped: true, stage: 'rpc' }, ['/home/x']],
    ['none was running', { stopped: true, stage: 'not-running' }, ['/home/x']],
  ] as const)('deletes the state if %s', async (_title, stop, expected) => {
    const deleted: string[] = [];
    await purge('/home/x', {
      stopDaemon: async () => stop,
      deleteDaemonState: async (home) => {
        deleted.push(home);
      },
    });
    expect(deleted).toStrictEqual(expected);
  });

  it('deletes nothing if the daemon could not be stopped (P-12)', async () => {
    const deleted: string[] = [];
    const refused = purge('/home/x', {
      stopDaemon: async () => ({ stopped: false, stage: 'sigkill' }),
      deleteDaemonState: async (home) => {
        deleted.push(home);
      },
    });
    await expect(refused).rejects.toThrow('Nothing was deleted');
    expect(deleted).toStrictEqual([]);
  });
});
