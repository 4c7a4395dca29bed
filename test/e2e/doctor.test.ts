/** `ocap daemon doctor` finds what was done to a home, and what to do about it. */
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { withHome, type Home } from '../support/home.ts';

type Finding = Readonly<{
  what: string;
  state: string;
  found: string;
  advice?: string;
}>;

const examine = async (
  home: Home,
): Promise<Readonly<{ code: number; ok: boolean; findings: Finding[] }>> => {
  const { code, stdout } = await home.ocap(['daemon', 'doctor', '--json']);
  return {
    code,
    ...(JSON.parse(stdout) as { ok: boolean; findings: Finding[] }),
  };
};

const bad = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ state }) => state === 'problem' || state === 'warning');

it('finds nothing wrong with a home that is well, running or not, and changes nothing', async () => {
  await withHome(async (home) => {
    expect(bad((await examine(home)).findings)).toStrictEqual([]);
    expect(readdirSync(home.dir)).toStrictEqual([]);

    await home.json(['launch', 'examples/counter']);
    const { code, ok, findings } = await examine(home);
    expect(bad(findings)).toStrictEqual([]);
    expect({ code, ok }).toStrictEqual({ code: 0, ok: true });
    const looked = findings.map(({ what }) => what);
    for (const what of [
      'home',
      'disk',
      'config',
      'lock',
      'identity',
      'schema',
      'database',
      'audit',
      'version',
    ]) {
      expect(looked).toContain(what);
    }
    await home.killDaemon();
    const afterKill = await examine(home);
    expect(bad(afterKill.findings)).toStrictEqual([]);
    expect(home.daemonPid()).toBeUndefined();
    expect(await home.call('counter', 'read')).toBe(0);
  });
});

it('tells each thing that is wrong, with what to do, and fails', async () => {
  await withHome(async (home) => {
    await home.json(['launch', 'examples/counter']);
    await home.ocap(['daemon', 'stop']);
    const path = (name: string): string => join(home.dir, name);

    chmodSync(home.dir, 0o755);
    chmodSync(path('daemon.log'), 0o644);
    symlinkSync('/dev/null', path('linked.sqlite'));
    writeFileSync(path('config.json'), '{"limits": {"nothing": 1}}', {
      mode: 0o600,
    });
    writeFileSync(path('identity.key'), 'garbage', { mode: 0o600 });
    // In the middle of a row: the text of a vat's name.
    const at = readFileSync(home.databasePath).lastIndexOf('counter');
    const file = openSync(home.databasePath, 'r+');
    writeSync(file, 'COUNTER', at);
    closeSync(file);

    const { code, ok, findings } = await examine(home);
    expect({ code, ok }).toStrictEqual({ code: 1, ok: false });
    const told = (what: string): string =>
      bad(findings)
        .filter((finding) => finding.what === what)
        .map(({ found }) => found)
        .join('\n');
    expect(told('home')).toMatch(/mode 755/u);
    expect(told('files')).toMatch(/daemon\.log .*mode 644/u);
    expect(told('files')).toMatch(/linked\.sqlite is a link/u);
    expect(told('config')).toMatch(/no limit "nothing"/u);
    expect(told('identity')).toMatch(/identity\.key/u);
    expect(told('database')).toMatch(/damaged/u);
    for (const { advice } of bad(findings)) expect(advice).toMatch(/\w/u);
    // It has only looked.
    expect(statSync(home.dir).mode & 0o777).toBe(0o755);
  });
});

it('tells why others cannot reach a daemon whose port is taken, as the status does', async () => {
  await withHome(async (home) => {
    const listen = async (where: string): Promise<string> => {
      const answer = await home.json(['daemon', 'start', '--listen', where]);
      const { remoteComms } = answer as {
        remoteComms: { addresses: readonly string[] };
      };
      return remoteComms.addresses[0] ?? 'nowhere';
    };
    const peers = async (): Promise<readonly Finding[]> =>
      (await examine(home)).findings.filter(({ what }) => what === 'peers');

    const address = await listen('/ip4/127.0.0.1/tcp/0');
    expect(await listen(address)).toBe(address);
    expect(await peers()).toMatchObject([{ state: 'ok' }]);
    await home.ocap(['daemon', 'stop']);

    const server = createServer().listen(
      Number(address.split('/').at(-1)),
      '127.0.0.1',
    );
    try {
      await once(server, 'listening');
      await home.ocap(['daemon', 'start']);
      await vi.waitFor(
        async () =>
          expect(await peers()).toMatchObject([
            { state: 'problem', found: expect.stringContaining(address) },
          ]),
        { timeout: 10_000 },
      );
      expect(await home.json(['daemon', 'status'])).toMatchObject({
        remoteComms: { problem: expect.stringContaining(address) },
      });
    } finally {
      server.close();
    }
    await once(server, 'close');
    expect(await listen(address)).toBe(address);
    expect(await peers()).toMatchObject([{ state: 'ok' }]);
  });
});
