/** Backing a home up while its daemon works, and going back to it, with the real binary. */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { withClient } from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';

const refused = async (home: Home, ...args: string[]): Promise<string> => {
  const { code, stderr } = await home.ocap(['daemon', ...args]);
  expect(code).toBe(1);
  return stderr;
};

it('a backup of a daemon that works is brought back whole, and what was there is kept', async () => {
  await withHome(async (home) => {
    const file = join(home.dir, 'monday.sqlite');
    expect(await refused(home, 'backup', file)).toMatch(/no daemon has run/u);

    await home.json(['launch', 'examples/counter']);
    expect(await home.call('counter', 'increment', 5)).toBe(5);
    // Calls that come meanwhile are in it or not; those answered before are.
    const calls = withClient(home, async (client) =>
      Promise.all(
        Array.from({ length: 200 }, async () =>
          client.call('counter', 'increment', 1),
        ),
      ),
    );
    const made = await home.json(['daemon', 'backup', file]);
    expect(made).toMatchObject({ file, bytes: statSync(file).size });
    await calls;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(
      readdirSync(home.dir).filter((name) => /\.new$/u.test(name)),
    ).toEqual([]);
    expect(await refused(home, 'backup', file)).toMatch(/is there already/u);

    expect(await home.call('counter', 'increment')).toBe(206);
    expect(await refused(home, 'restore', file)).toMatch(/already runs/u);
    await home.ocap(['daemon', 'stop']);
    expect(await refused(home, 'restore', file)).toMatch(/--force/u);
    expect(await home.call('counter', 'read')).toBe(206);

    await home.ocap(['daemon', 'stop']);
    const restored = await home.json(['daemon', 'restore', file, '--force']);
    const { replaced } = restored as { replaced: string };
    expect(existsSync(replaced)).toBe(true);
    const count = Number(await home.call('counter', 'read'));
    expect(count).toBeGreaterThanOrEqual(5);
    expect(count).toBeLessThanOrEqual(205);
    expect(await home.json(['daemon', 'audit'])).toMatchObject({ ok: true });
    expect(statSync(home.databasePath).mode & 0o777).toBe(0o600);

    // And back again: what was put aside is a backup like any other.
    await home.ocap(['daemon', 'stop']);
    await home.json(['daemon', 'restore', replaced, '--force']);
    expect(await home.call('counter', 'read')).toBe(206);
  });
});

it('what is no sound backup is not restored, and changes nothing', async () => {
  await withHome(async (home) => {
    await home.json(['launch', 'examples/counter']);
    await home.call('counter', 'increment', 7);
    await home.ocap(['daemon', 'stop']);
    const at = (name: string): string => join(home.dir, name);
    await home.json(['daemon', 'backup', at('good')]);

    writeFileSync(at('garbage'), 'x'.repeat(10_000));
    writeFileSync(at('empty'), '');
    copyFileSync(at('good'), at('changed'));
    const changed = new Database(at('changed'));
    changed.exec(`UPDATE names SET name = 'mallet'`);
    changed.close();
    copyFileSync(at('good'), at('newer'));
    const newer = new Database(at('newer'));
    newer.pragma('user_version = 9999');
    newer.close();

    const attempt = async (name: string): Promise<string> =>
      refused(home, 'restore', at(name), '--force');
    expect(await attempt('nowhere')).toMatch(/cannot be restored/u);
    expect(await attempt('garbage')).toMatch(/cannot be restored/u);
    expect(await attempt('empty')).toMatch(/it is empty/u);
    expect(await attempt('changed')).toMatch(/a row of names is not/u);
    expect(await attempt('newer')).toMatch(/a newer version of ocap/u);
    expect(
      readdirSync(home.dir).filter((name) => /repl|restor/u.test(name)),
    ).toEqual([]);
    expect(await home.call('counter', 'read')).toBe(7);
  });
});
