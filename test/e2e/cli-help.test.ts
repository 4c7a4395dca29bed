/** Help on every command (P-39), and what the shell is offered. Neither starts a daemon. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withHome } from '../support/home.ts';

const commands = [
  '',
  'launch',
  'call',
  'ps',
  'describe',
  'caps',
  'share',
  'redeem',
  'revoke',
  'terminate',
  'bundle',
  'watch',
  'serve',
  'start',
  'dev',
  'names',
  'names list',
  'names set',
  'names rm',
  'daemon',
  'daemon start',
  'daemon stop',
  'daemon status',
  'daemon exec',
  'daemon repl',
  'daemon queueMessage',
  'daemon redeem-url',
  'daemon grant',
  'daemon grants',
  'daemon identity',
  'daemon identity show',
  'daemon identity backup',
  'daemon identity restore',
  'daemon logs',
  'daemon events',
  'daemon audit',
  'daemon backup',
  'daemon restore',
  'daemon purge',
  'daemon begone',
];

describe('help', () => {
  it.each(commands)('is there for: ocap %s (P-39)', async (command) => {
    await withHome(async (home) => {
      const words = command === '' ? [] : command.split(' ');
      const { code, stdout, stderr } = await home.ocap([...words, '--help']);
      expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(
        `ocap ${command.replace('begone', 'purge')}`.trim(),
      );
      expect(stdout).toContain('--home');
      expect(readdirSync(home.dir)).toStrictEqual([]);
    });
  });

  it('of the daemon lists all that can be done with it', async () => {
    await withHome(async (home) => {
      const { stdout } = await home.ocap(['daemon', '--help']);
      for (const name of ['start', 'stop', 'exec', 'purge', 'begone']) {
        expect(stdout).toContain(name);
      }
    });
  });
});

describe('completion', () => {
  const complete = '--get-yargs-completions';

  it.each([
    [
      ['daemon', 'st'],
      ['start', 'stop', 'status'],
    ],
    [
      ['daemon', 'identity', ''],
      ['show', 'backup', 'restore'],
    ],
    [
      ['daemon', 'start', '--l'],
      ['--listen', '--local-relay'],
    ],
    [['call', 'b'], []],
  ])('after ocap %j offers %j', async (words, offered) => {
    await withHome(async (home) => {
      const { stdout, stderr } = await home.ocap([complete, 'ocap', ...words]);
      const lines = stdout.split('\n').filter((line) => line !== '');
      expect(stderr).toBe('');
      expect(lines).toEqual(expect.arrayContaining(offered));
      expect(readdirSync(home.dir)).toStrictEqual([]);
    });
  });

  it('prints a script for the shell', async () => {
    await withHome(async (home) => {
      const { code, stdout, stderr } = await home.ocap(['completion']);
      expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('_ocap');
    });
  });
});
