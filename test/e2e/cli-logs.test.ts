/** `ocap daemon logs`, as a program and as a follower reads it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ocapBin, repositoryRoot, withHome } from '../support/home.ts';

describe('daemon logs', () => {
  it('gives the raw lines in a pipe, filtered by vat', async () => {
    await withHome(async (home) => {
      await home.ocap(['daemon', 'start']);
      await appendFile(home.logPath, '{"level":"info","vat":"v9","msg":"x"}\n');
      const { stdout, code } = await home.ocap(['daemon', 'logs', 'v9']);
      expect(code).toBe(0);
      expect(stdout).toBe('{"level":"info","vat":"v9","msg":"x"}\n');
      const all = await home.ocap(['daemon', 'logs']);
      expect(all.stdout.trim().split('\n').length).toBeGreaterThan(1);
    });
  });

  it('finds the vats of a subcluster by its petname', async () => {
    await withHome(async (home) => {
      const example = join(repositoryRoot, 'examples/greeter');
      await home.json(['launch', example, '--as', 'hello']);
      const line = '{"level":"info","vat":"v2","msg":"from the guest"}\n';
      await appendFile(home.logPath, line);
      const { stdout } = await home.ocap(['daemon', 'logs', 'hello']);
      expect(stdout).toContain(line);
      expect(stdout).not.toContain('The daemon has started');
    });
  });

  it('says if no daemon has run yet, and starts none', async () => {
    await withHome(async (home) => {
      const { code, stderr } = await home.ocap(['daemon', 'logs']);
      expect(code).toBe(1);
      expect(stderr).toContain('no log');
      expect(home.daemonPid()).toBeUndefined();
    });
  });

  it('-f goes on until Ctrl-C, and that is a good end', async () => {
    await withHome(async (home) => {
      await home.ocap(['daemon', 'start']);
      const words = [ocapBin, 'daemon', 'logs', '-f', 'v9'];
      const child = spawn(process.execPath, words, { env: home.env });
      let text = '';
      child.stdout.on('data', (more: Buffer) => {
        text += String(more);
      });
      const ended = once(child, 'close');
      try {
        for (const number of [1, 2]) {
          const line = `{"vat":"v9","msg":"${number}"}\n`;
          await appendFile(home.logPath, line);
          await vi.waitFor(() => expect(text).toContain(line), 20_000);
        }
        child.kill('SIGINT');
        expect(await ended).toStrictEqual([0, null]);
      } finally {
        child.kill('SIGKILL');
      }
    });
  });
});
