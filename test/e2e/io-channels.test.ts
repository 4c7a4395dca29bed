/** IO channels of the real daemon: its home, its log, and its sudden end. */
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { startDaemonOf, withClient } from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';

/** Says one line to a socket, and answers the one that comes back. */
const ask = async (path: string, line: string): Promise<string> => {
  const socket = connect(path);
  try {
    const lines = createInterface({ input: socket });
    const answer = once(lines, 'line', { signal: AbortSignal.timeout(30_000) });
    socket.write(`${line}\n`);
    return String((await answer)[0]);
  } finally {
    socket.destroy();
  }
};

const launch = async (home: Home, body: string, io: object): Promise<string> =>
  withClient(home, async (client) => {
    const config = {
      bootstrap: 'main',
      vats: { main: { bundleSpec: vatSource(body) } },
      io,
    };
    const launched = await client.rpc('launchSubcluster', { config } as never);
    const { rootKref } = launched as { rootKref: string };
    await client.rpc('setName', { name: 'main', kref: rootKref });
    return rootKref;
  });

/** Answers every line that is said at its socket, and keeps count. */
const answerer = `
  const kind = (tag) => { if (!baggage.has(tag)) baggage.init(tag, VatData.makeKindHandle(tag)); return baggage.get(tag); };
  const listen = () => VatData.watchPromise(E(baggage.get('talk')).read(), baggage.get('watcher'));
  const makeWatcher = VatData.defineDurableKind(kind('Watcher'), () => ({}), {
    onFulfilled: (_, line) => {
      baggage.set('count', baggage.get('count') + 1);
      E(baggage.get('talk')).write(line + ' ' + baggage.get('count'));
      listen();
    },
    onRejected: (_, reason) => { baggage.set('reasons', harden([...baggage.get('reasons'), reason.message])); listen(); },
  });
  return makeDefaultExo('Answerer', {
    bootstrap: (_vats, { talk }) => {
      baggage.init('talk', talk); baggage.init('count', 0); baggage.init('reasons', harden([]));
      baggage.init('watcher', makeWatcher()); listen();
    },
    reasons: () => baggage.get('reasons'),
  });`;

it('a socket is listened at again after kill -9, and a read that waited is INTERRUPTED (V-17)', async () => {
  await withHome(async (home) => {
    await launch(home, answerer, {
      talk: { type: 'socket', path: 'talk.sock' },
    });
    const path = join(home.dir, 'talk.sock');
    for (let kill = 0; kill < 3; kill += 1) {
      expect(await ask(path, 'hello')).toBe(`hello ${2 * kill + 1}`);
      expect(await ask(path, 'again')).toBe(`again ${2 * kill + 2}`);
      await home.killDaemon('SIGKILL');
      // The file is still there, and nobody listens; or it is about to be closed.
      expect((await stat(path)).isSocket()).toBe(true);
      await expect(ask(path, 'dead')).rejects.toThrow(
        /ECONN(?:REFUSED|RESET)/u,
      );
      await startDaemonOf(home);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
    await withClient(home, async (client) => {
      expect(await client.call('main', 'reasons')).toStrictEqual(
        Array.from({ length: 3 }, () => expect.stringMatching(/INTERRUPTED/u)),
      );
      expect(await client.rpc('audit')).toStrictEqual({
        ok: true,
        problems: [],
      });
    });
    expect((await home.ocap(['daemon', 'stop'])).code).toBe(0);
    await expect(stat(path)).rejects.toThrow(/ENOENT/u);
  });
});

it('relative paths begin in the home, a console writes to the log, and `ocap caps` shows them', async () => {
  await withHome(async (home) => {
    const body = `return makeDefaultExo('User', {
      bootstrap: (_vats, channels) => { baggage.init('channels', channels); },
      use: (name, method, ...args) => E(baggage.get('channels')[name])[method](...args),
    });`;
    await startDaemonOf(home);
    await mkdir(join(home.dir, 'notes'));
    await writeFile(join(home.dir, 'notes', 'a.txt'), 'from the home');
    await launch(home, body, {
      notes: { type: 'folder', path: 'notes', access: 'write' },
      out: { type: 'console' },
    });
    expect(await home.call('main', 'use', 'notes', 'readText', 'a.txt')).toBe(
      'from the home',
    );
    await home.call('main', 'use', 'notes', 'writeText', 'b.txt', 'made');
    const made = join(home.dir, 'notes', 'b.txt');
    expect(await readFile(made, 'utf8')).toBe('made');
    expect((await stat(made)).mode & 0o777).toBe(0o600);
    await home.call('main', 'use', 'out', 'write', 'a line for the log');
    const { stdout } = await home.ocap(['daemon', 'logs', 's1']);
    expect(stdout).toMatch(/a line for the log/u);
    const { caps } = (await home.json(['caps', 'main'])) as {
      caps: readonly { io?: object }[];
    };
    expect(caps.flatMap(({ io }) => io ?? [])).toStrictEqual([
      { name: 'notes', type: 'folder' },
      { name: 'out', type: 'console' },
    ]);
  });
});
