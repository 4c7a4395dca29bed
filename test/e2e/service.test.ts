/** The daemon as a service: the unit as it is written, and run as systemd would run it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { withClient } from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';

const print = async (home: Home, ...more: string[]): Promise<string> => {
  const answer = await home.json(['daemon', 'service', 'print', ...more]);
  return (answer as { text: string }).text;
};

const slow = vatSource(`
  let made = 0;
  return makeDefaultExo('Slow', {
    work: (turns) => {
      for (let turn = 0; turn < turns; turn += 1) made = (made * 31 + turn) % 65_537;
      return 'done';
    },
  });`);

/** The words of a line, as systemd reads them. */
const wordsOf = (unit: string, key: string): string[] =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gmu'))].flatMap(
    ([, value = '']) =>
      [...value.matchAll(/"((?:[^"\\]|\\.)*)"/gu)].map(([, word = '']) =>
        word
          .replaceAll(/\\(.)/gu, '$1')
          .replaceAll('$$', '$')
          .replaceAll('%%', '%'),
      ),
  );

/** Stands for systemd's program: notes what it was told to say. */
const fakeNotify = (
  home: Home,
): Readonly<{ path: string; said(): string[] }> => {
  const path = join(home.dir, 'bin');
  const said = join(path, 'said');
  mkdirSync(path);
  writeFileSync(
    join(path, 'systemd-notify'),
    `#!/bin/sh\necho "$* $NOTIFY_SOCKET" >> '${said}'\n`,
    { mode: 0o755 },
  );
  return {
    path,
    said: () =>
      existsSync(said) ? readFileSync(said, 'utf8').trimEnd().split('\n') : [],
  };
};

it('a daemon that is run by its unit says that it is ready and that it lives, and drains when it is told to end', async () => {
  await withHome(async (home) => {
    const unit = await print(home, '--manager', 'systemd');
    const [program = '', ...args] = wordsOf(unit, 'ExecStart');
    const env = Object.fromEntries(
      wordsOf(unit, 'Environment').map((pair) => pair.split('=')),
    ) as Record<string, string>;
    const notify = fakeNotify(home);
    const daemon = spawn(program, args, {
      stdio: 'inherit',
      env: {
        ...env,
        PATH: `${notify.path}:/usr/bin:/bin`,
        NOTIFY_SOCKET: '/run/notify',
        WATCHDOG_USEC: '400000',
      },
    });
    const ended = once(daemon, 'exit');
    try {
      await expect.poll(notify.said).toContain('--ready /run/notify');
      await expect
        .poll(
          () =>
            notify.said().filter((line) => line.startsWith('WATCHDOG=1'))
              .length,
        )
        .toBeGreaterThan(1);

      await withClient(home, async (client) => {
        const config = { bootstrap: 'a', vats: { a: { bundleSpec: slow } } };
        const launched = await client.rpc('launchSubcluster', { config });
        const { rootKref: root } = launched as { rootKref: string };
        // Long enough to be running still when the signal is there, and short of the second it has.
        const running = client.call(root, 'work', 8_000_000);
        const { hosts } = (await client.rpc('getStatus')) as {
          hosts: unknown[];
        };
        expect(hosts.length).toBeGreaterThan(0);
        daemon.kill('SIGTERM');
        await expect.poll(() => existsSync(home.socketPath)).toBe(false);
        await expect(client.call(root, 'work', 1)).rejects.toMatchObject({
          data: { code: 'SHUTTING_DOWN' },
        });
        expect(await running).toBe('done');
      });
      expect(await ended).toStrictEqual([0, null]);
      expect(notify.said()).toContain('--stopping /run/notify');
    } finally {
      daemon.kill('SIGKILL');
    }
  });
});

it('is written for the home that is meant, whatever its path, and never over another one', async () => {
  await withHome(async (home) => {
    const odd = join(home.dir, 'a "b" 100% $HOME \\ c');
    const unit = await print(home, '--home', odd, '--manager', 'systemd');
    expect(wordsOf(unit, 'ExecStart').slice(-2)).toStrictEqual(['--home', odd]);
    expect(wordsOf(unit, 'ReadWritePaths')).toStrictEqual([odd]);
    expect(unit).toMatch(/^Type=notify$/mu);
    expect(unit).toMatch(/^ProtectSystem=strict$/mu);
    expect(unit).toMatch(/^WatchdogSec=\d+$/mu);
    const plist = await print(
      home,
      '--home',
      '/a & <b>',
      '--manager',
      'launchd',
    );
    expect(plist).toContain('<string>/a &amp; &lt;b&gt;</string>');

    const install = [
      'daemon',
      'service',
      'install',
      '--user',
      '--manager',
      'systemd',
    ];
    const env = { XDG_CONFIG_HOME: join(home.dir, 'config') };
    const answer = (await home.json(install, { env })) as { path: string };
    expect(answer.path).toBe(
      join(home.dir, 'config/systemd/user/ocap.service'),
    );
    expect(statSync(answer.path).mode & 0o777).toBe(0o644);
    expect(await home.json(install, { env })).toStrictEqual(answer);
    writeFileSync(answer.path, 'mine');
    expect((await home.ocap(install, { env })).stderr).toMatch(
      /Nothing was written/u,
    );
    expect(readFileSync(answer.path, 'utf8')).toBe('mine');
    await home.json([...install, '--force'], { env });
    expect(readFileSync(answer.path, 'utf8')).toContain('Type=notify');
    expect(existsSync(home.socketPath)).toBe(false);
  });
});
