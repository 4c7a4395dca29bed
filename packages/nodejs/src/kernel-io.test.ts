import './daemon/lockdown.ts';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { IoSpec, LaunchResult } from '@ocap/kernel';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectTo } from './testing/socket-client.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

/** Keeps the channels that it is given, and uses them as it is told. */
const user = `
  const of = (name) => baggage.get('channels')[name];
  const keep = (more) => {
    const channels = harden({ ...(baggage.has('channels') ? baggage.get('channels') : {}), ...more });
    if (baggage.has('channels')) baggage.set('channels', channels); else baggage.init('channels', channels);
  };
  const outcomes = (promises) => Promise.all(promises).then(harden);
  const outcome = (promise) => promise.then((value) => value === undefined ? 'done' : value, (error) => 'failed: ' + error.message);
  let pending = [];
  return makeDefaultExo('User', {
    bootstrap: (_vats, services) => { keep(services); return Object.keys(services); },
    use: (name, method, ...args) => E(of(name))[method](...args),
    give: (name) => of(name),
    take: (name, thing) => { keep({ [name]: thing }); },
    facet: async (name, methods) => { const facet = await E(of(name)).attenuate(methods); keep({ facet }); return facet; },
    drop: () => { baggage.set('channels', harden({})); },
    begin: (name, method, ...args) => { pending.push(outcome(E(of(name))[method](...args))); },
    ended: () => { const all = pending; pending = []; return outcomes(all); },
    many: (name, method, count, ...args) => outcomes(Array.from({ length: count }, () => outcome(E(of(name))[method](...args)))),
    talk: async (name, count) => { for (let i = 0; i < count; i += 1) { const line = await E(of(name)).read(); await E(of(name)).write('you said ' + line); } },
    hi: () => 'hi',
  });`;

const launch = async (
  t: TestKernel,
  io: Readonly<Record<string, IoSpec>>,
  more: object = {},
): Promise<LaunchResult> =>
  t.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { bundleSpec: vatSource(user) } },
    io,
    ...more,
  });

const folderOf = (t: TestKernel): string => dirname(t.databasePath);
const socketOf = (t: TestKernel): string => join(folderOf(t), 'talk.sock');
const talk = { talk: { type: 'socket', path: 'talk.sock' } } as const;

/** Opens a kernel with one subcluster of these channels; `use` calls one of them. */
const openUser = async (
  io: Readonly<Record<string, IoSpec>>,
  options: Parameters<typeof openTestKernel>[0] = {},
) => {
  const t = await openTestKernel(options);
  const { rootKref: root } = await launch(t, io);
  await t.kernel.setName('user', root);
  const call = async (method: string, ...args: unknown[]) =>
    t.call('user', method, ...args);
  const use = async (name: string, method: string, ...args: unknown[]) =>
    call('use', name, method, ...args);
  return { t, root, call, use };
};

const grantOf = (t: TestKernel, name: string): string =>
  t.kernel.listCaps('s1').caps.find(({ io }) => io?.name === name)?.kref ?? '';

/** For a machine that is busy with other things. */
const eventually = async (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, 10_000);

/** Calls of services that have not ended. */
const waiting = (t: TestKernel): number =>
  t.kernel.executeDBQuery(`SELECT 1 FROM inbox WHERE vat_id = 'kernel'`).length;

const untilWaiting = async (t: TestKernel, count: number): Promise<unknown> =>
  eventually(() => expect(waiting(t)).toBe(count));

describe('an IO channel (V-17)', () => {
  it('of type socket listens from the launch on, and a read waits for a line', async () => {
    const { t, use } = await openUser(talk);
    expect(statSync(socketOf(t)).mode & 0o777).toBe(0o600);
    const line = use('talk', 'read');
    await untilWaiting(t, 1);
    const client = await connectTo(socketOf(t));
    await delay(50);
    expect(waiting(t)).toBe(1);
    client.say('hello\n');
    expect(await line).toBe('hello');
    await use('talk', 'write', 'good day');
    expect(await client.hear()).toBe('good day');
  });

  it('of type file is read to its end, or written', async () => {
    const t = await openTestKernel();
    writeFileSync(join(folderOf(t), 'in.txt'), 'one\ntwo');
    await launch(t, {
      in: { type: 'file', path: 'in.txt', access: 'read' },
      out: { type: 'file', path: 'out.txt', access: 'append' },
    });
    const use = async (...args: unknown[]) => t.call('user', 'use', ...args);
    await t.kernel.setName(
      'user',
      t.kernel.getStatus().subclusters[0]?.rootKref ?? '',
    );
    expect(await use('in', 'read')).toBe('one');
    await use('out', 'write', 'first');
    expect([await use('in', 'read'), await use('in', 'read')]).toStrictEqual([
      'two',
      null,
    ]);
    await expect(use('in', 'write', 'x')).rejects.toThrow(/no method "write"/u);
    await expect(use('out', 'read')).rejects.toThrow(/no method "read"/u);
    await t.reopen();
    // A file is read from its beginning again, and written at its end.
    expect(await use('in', 'read')).toBe('one');
    await use('out', 'write', 'second');
    expect(readFileSync(join(folderOf(t), 'out.txt'), 'utf8')).toBe(
      'first\nsecond\n',
    );
  });

  it('of type console writes to the log', async () => {
    const { t, use } = await openUser({ out: { type: 'console' } });
    await use('out', 'write', 'one\ntwo');
    const fields = { subcluster: 's1', channel: 'out' };
    expect(t.logged).toContainEqual({ level: 'info', message: 'one', fields });
    expect(t.logged).toContainEqual({ level: 'info', message: 'two', fields });
    await expect(use('out', 'read')).rejects.toThrow(/no method "read"/u);
  });

  it('of type network connects when it is used', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (data: Buffer) => socket.end(`heard ${String(data)}`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { use } = await openUser({
      net: { type: 'network', host: '127.0.0.1', port },
    });
    expect(sockets).toHaveLength(0);
    await use('net', 'write', 'hello');
    expect(await use('net', 'read')).toBe('heard hello');
    expect(await use('net', 'read')).toBe(null);
    expect(sockets).toHaveLength(1);
  });

  it('of type folder reads and, if granted, writes (V-19)', async () => {
    const t = await openTestKernel();
    mkdirSync(join(folderOf(t), 'docs'));
    writeFileSync(join(folderOf(t), 'docs', 'a.txt'), 'text');
    writeFileSync(join(folderOf(t), 'secret.txt'), 'secret');
    symlinkSync('..', join(folderOf(t), 'docs', 'up'));
    const { rootKref } = await launch(t, {
      docs: { type: 'folder', path: 'docs' },
      work: { type: 'folder', path: 'work', access: 'write' },
    });
    const use = async (...args: unknown[]) => t.call(rootKref, 'use', ...args);
    expect(await use('docs', 'readText', 'a.txt')).toBe('text');
    expect(await use('docs', 'list')).toStrictEqual([
      { name: 'a.txt', type: 'file' },
      { name: 'up', type: 'link' },
    ]);
    for (const [path, problem] of [
      ['../secret.txt', /is not a path of names/u],
      ['up/secret.txt', /is a symbolic link/u],
      [join(folderOf(t), 'secret.txt'), /is absolute/u],
    ] as const) {
      await expect(use('docs', 'readText', path)).rejects.toThrow(problem);
      await expect(use('work', 'writeText', path, '')).rejects.toThrow(
        path.startsWith('up') ? /does not exist/u : problem,
      );
    }
    await expect(use('docs', 'writeText', 'a.txt', '')).rejects.toThrow(
      /no method "writeText"/u,
    );
    await use('work', 'makeFolder', 'deep/er');
    await use('work', 'writeText', 'deep/er/b.txt', 'mine');
    expect(await use('work', 'stat', 'deep/er/b.txt')).toMatchObject({
      type: 'file',
      size: 4,
    });
    expect(await use('work', 'remove', 'deep/er/b.txt')).toBe(true);
    expect(readFileSync(join(folderOf(t), 'secret.txt'), 'utf8')).toBe(
      'secret',
    );
  });
});

describe('a channel belongs to its grant', () => {
  it('is given among the services, by its name', async () => {
    const t = await openTestKernel();
    const io = { ...talk, out: { type: 'console' } } as const;
    const { bootstrapResult } = await launch(t, io, { services: ['clock'] });
    expect(JSON.parse(bootstrapResult?.body.slice(1) ?? '')).toStrictEqual([
      'clock',
      'out',
      'talk',
    ]);
  });

  it('is listed with its name and type, and describes itself', async () => {
    const { t } = await openUser({ ...talk, out: { type: 'console' } });
    const { caps } = t.kernel.listCaps('s1');
    expect(
      caps.flatMap(({ io, service, origin }) =>
        io ? [{ io, service, origin }] : [],
      ),
    ).toStrictEqual([
      { io: { name: 'talk', type: 'socket' }, service: 'io', origin: 'launch' },
      { io: { name: 'out', type: 'console' }, service: 'io', origin: 'launch' },
    ]);
    expect(await t.kernel.describe(grantOf(t, 'talk'))).toMatchObject({
      interface: 'SocketChannel',
      methods: ['read', 'write', 'attenuate'],
    });
  });

  it('can be attenuated: a facet that only reads cannot write, and shares the channel', async () => {
    const { t, call, use } = await openUser(talk);
    await call('facet', 'talk', ['read']);
    await expect(use('facet', 'write', 'x')).rejects.toThrow(
      /no method "write"/u,
    );
    const client = await connectTo(socketOf(t));
    client.say('one\ntwo\n');
    expect(await use('facet', 'read')).toBe('one');
    expect(await use('talk', 'read')).toBe('two');
    await t.reopen();
    await expect(use('facet', 'write', 'x')).rejects.toThrow(
      /no method "write"/u,
    );
    (await connectTo(socketOf(t))).say('three\n');
    expect(await use('facet', 'read')).toBe('three');
  });

  it('ends when its grant is revoked: what waits is rejected, and the socket goes', async () => {
    const { t, call, use } = await openUser(talk);
    await call('begin', 'talk', 'read');
    await call('begin', 'talk', 'write', 'x');
    await untilWaiting(t, 2);
    await t.kernel.revoke(grantOf(t, 'talk'));
    expect(await call('ended')).toStrictEqual([
      expect.stringMatching(/OBJECT_REVOKED/u),
      expect.stringMatching(/OBJECT_REVOKED/u),
    ]);
    await eventually(() => expect(existsSync(socketOf(t))).toBe(false));
    await expect(use('talk', 'read')).rejects.toThrow(/OBJECT_REVOKED/u);
    await t.reopen();
    expect(existsSync(socketOf(t))).toBe(false);
  });

  it('goes on when only a facet of it is revoked; what waits through that is rejected', async () => {
    const { t, call, use } = await openUser(talk);
    await call('facet', 'talk', ['read']);
    const [facet = ''] = (
      await t.kernel.queueMessage('user', 'give', ['facet'])
    ).slots;
    await call('begin', 'facet', 'read');
    await untilWaiting(t, 1);
    await t.kernel.revoke(facet);
    expect(await call('ended')).toStrictEqual([
      expect.stringMatching(/OBJECT_REVOKED/u),
    ]);
    const line = use('talk', 'read');
    (await connectTo(socketOf(t))).say('for the other\n');
    expect(await line).toBe('for the other');
  });

  it('gives nothing more to a subcluster from which it was taken', async () => {
    const { t, root, use } = await openUser(talk);
    const other = await launch(t, {});
    await t.call(root, 'use', 'talk', '__getMethodNames__');
    const [channel = ''] = (await t.kernel.queueMessage(root, 'give', ['talk']))
      .slots;
    await t.call(other.rootKref, 'take', 'theirs', { '@ref': channel });
    await t.call(other.rootKref, 'begin', 'theirs', 'read');
    await untilWaiting(t, 1);
    const [held] = t.kernel
      .listCaps(other.subclusterId)
      .caps.filter(({ io }) => io?.name === 'talk');
    await t.kernel.revoke(held?.grants[0]?.id ?? '');
    const mine = use('talk', 'read');
    (await connectTo(socketOf(t))).say('not for others\n');
    expect(await mine).toBe('not for others');
    expect(await t.call(other.rootKref, 'ended')).toStrictEqual([
      expect.stringMatching(/OBJECT_REVOKED/u),
    ]);
  });

  it('ends with its subcluster, also for those whom it was passed on to', async () => {
    const { t, root } = await openUser(talk);
    const other = await launch(t, {});
    const [channel = ''] = (await t.kernel.queueMessage(root, 'give', ['talk']))
      .slots;
    await t.call(other.rootKref, 'take', 'theirs', { '@ref': channel });
    await t.call(other.rootKref, 'begin', 'theirs', 'read');
    await untilWaiting(t, 1);
    await t.kernel.terminateSubcluster('s1');
    expect(await t.call(other.rootKref, 'ended')).toStrictEqual([
      expect.stringMatching(/closed when the subcluster s1 ended.*IO_FAILED/u),
    ]);
    await expect(
      t.call(other.rootKref, 'use', 'theirs', 'read'),
    ).rejects.toThrow(/closed when the subcluster s1 ended/u);
    await eventually(() => expect(existsSync(socketOf(t))).toBe(false));
    await t.reopen();
    expect(existsSync(socketOf(t))).toBe(false);
  });

  it('ends when nobody has it any more', async () => {
    const { t, call } = await openUser(talk);
    await call('drop');
    await t.kernel.removeName('user');
    await eventually(async () => {
      await t.kernel.collectGarbage();
      await t.kernel.pingVat('v1');
      expect(existsSync(socketOf(t))).toBe(false);
    });
  });

  it.runIf(process.platform === 'linux')(
    'leaves no descriptor open when it has ended',
    async () => {
      const t = await openTestKernel();
      const file = join(folderOf(t), 'x');
      writeFileSync(file, 'x');
      const opened = (): number =>
        readdirSync('/proc/self/fd').filter((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`).startsWith(file);
          } catch {
            return false; // That of the folder of descriptors itself.
          }
        }).length;
      const { rootKref, subclusterId } = await launch(t, {
        file: { type: 'file', path: 'x', access: 'read' },
        folder: { type: 'folder', path: '.' },
      });
      await t.call(rootKref, 'use', 'folder', 'readText', 'x');
      expect(opened()).toBe(1);
      await t.kernel.terminateSubcluster(subclusterId);
      await eventually(() => expect(opened()).toBe(0));
    },
  );
});

describe('a launch with channels', () => {
  it.each<[string, Record<string, IoSpec>, string, RegExp]>([
    [
      'a file that is not there',
      { in: { type: 'file', path: 'no.txt', access: 'read' } },
      'IO_FAILED',
      /The IO channel "in" failed: no\.txt does not exist/u,
    ],
    [
      'a folder that is not there',
      { docs: { type: 'folder', path: 'no' } },
      'IO_FAILED',
      /the folder no does not exist/u,
    ],
    [
      'a socket where something else is',
      { s: { type: 'socket', path: 'kernel.sqlite' } },
      'IO_FAILED',
      /kernel\.sqlite exists and is not a socket/u,
    ],
  ])('fails over %s, and leaves nothing', async (_, io, code, problem) => {
    const t = await openTestKernel();
    const launching = launch(t, { ...talk, ...io });
    await expect(launching).rejects.toMatchObject({ code });
    await expect(launching).rejects.toThrow(problem);
    expect(t.kernel.getStatus()).toMatchObject({ vats: [], subclusters: [] });
    await eventually(() => expect(existsSync(socketOf(t))).toBe(false));
    await launch(t, talk);
    expect(existsSync(socketOf(t))).toBe(true);
  });

  it('takes the place of an earlier one of the same config', async () => {
    const t = await openTestKernel();
    const config = { forceReset: true };
    await launch(t, talk, config);
    await expect(launch(t, talk)).rejects.toThrow(
      /talk\.sock is taken: another program listens there/u,
    );
    const { rootKref } = await launch(t, talk, config);
    (await connectTo(socketOf(t))).say('hi\n');
    expect(await t.call(rootKref, 'use', 'talk', 'read')).toBe('hi');
  });

  it('cannot ask for the service by its name', async () => {
    const t = await openTestKernel();
    await expect(launch(t, {}, { services: ['io'] })).rejects.toMatchObject({
      code: 'SERVICE_UNKNOWN',
    });
  });

  it('whose bootstrap fails closes them', async () => {
    const t = await openTestKernel();
    await expect(
      t.kernel.launchSubcluster({
        bootstrap: 'main',
        vats: {
          main: {
            bundleSpec: vatSource(
              `return makeDefaultExo('R', { bootstrap: () => { throw Error('no'); } });`,
            ),
          },
        },
        io: talk,
      }),
    ).rejects.toMatchObject({ code: 'BOOTSTRAP_FAILED' });
    await eventually(() => expect(existsSync(socketOf(t))).toBe(false));
  });
});

describe('a kernel that is started again', () => {
  it('listens at its sockets at once; a read that waited is rejected', async () => {
    const { t, use } = await openUser(talk);
    const asked = t.kernel
      .queueMessage('user', 'use', ['talk', 'read'], { requestId: 'r' })
      .catch(String);
    await untilWaiting(t, 1);
    await t.reopen();
    await asked;
    expect(waiting(t)).toBe(0);
    const client = await connectTo(socketOf(t));
    client.say('after\n');
    expect(await use('talk', 'read')).toBe('after');
    await use('talk', 'write', 'and back');
    expect(await client.hear()).toBe('and back');
  });

  it('starts although a socket cannot be opened, says so, and tries again when it is used', async () => {
    const { t, use } = await openUser({
      talk: { type: 'socket', path: 'folder/talk.sock' },
    });
    await t.kernel.stop();
    const folder = join(folderOf(t), 'folder');
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    await t.reopen();
    expect(t.logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: expect.stringMatching(/The IO channel "talk" failed/u),
      }),
    );
    await expect(use('talk', 'read')).rejects.toThrow(/IO_FAILED/u);
    rmSync(folder);
    const line = use('talk', 'read');
    await untilWaiting(t, 1);
    await eventually(() =>
      expect(existsSync(join(folder, 'talk.sock'))).toBe(true),
    );
    (await connectTo(join(folder, 'talk.sock'))).say('hi\n');
    expect(await line).toBe('hi');
  });

  it('serves a vat that watches its reads durably for ever', async () => {
    const t = await openTestKernel();
    const server = `
      const kind = (tag) => { if (!baggage.has(tag)) baggage.init(tag, VatData.makeKindHandle(tag)); return baggage.get(tag); };
      const listen = () => VatData.watchPromise(E(baggage.get('talk')).read(), baggage.get('watcher'));
      const makeWatcher = VatData.defineDurableKind(kind('Watcher'), () => ({}), {
        onFulfilled: (_, line) => { E(baggage.get('talk')).write('echo ' + line); listen(); },
        onRejected: (_, reason) => { baggage.set('reasons', harden([...baggage.get('reasons'), reason.message])); listen(); },
      });
      return makeDefaultExo('Server', {
        bootstrap: (_vats, { talk }) => { baggage.init('talk', talk); baggage.init('reasons', harden([])); baggage.init('watcher', makeWatcher()); listen(); },
        reasons: () => baggage.get('reasons'),
      });`;
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'main',
      vats: { main: { bundleSpec: vatSource(server) } },
      io: talk,
    });
    for (const disturb of [
      async () => undefined,
      async () => t.kernel.restartVat('v1'),
      async () => t.reopen(),
      async () => t.kernel.restartVat('v1'),
      async () => t.reopen(),
    ]) {
      await disturb();
      for (const word of ['one', 'two']) {
        const client = await connectTo(socketOf(t));
        client.say(`${word}\n`);
        expect(await client.hear()).toBe(`echo ${word}`);
        await client.leave();
      }
    }
    // A restart of the vat is none of the channel's business.
    expect(await t.call(rootKref, 'reasons')).toStrictEqual([
      expect.stringMatching(/INTERRUPTED/u),
      expect.stringMatching(/INTERRUPTED/u),
    ]);
  });

  it('loses no line to a vat that was restarted while it waited for one', async () => {
    const { t, call, use } = await openUser(talk);
    await call('begin', 'talk', 'read');
    await untilWaiting(t, 1);
    await t.kernel.restartVat('v1');
    const line = use('talk', 'read');
    await untilWaiting(t, 1);
    (await connectTo(socketOf(t))).say('first\n');
    expect(await line).toBe('first');
  });

  it('loses no line to a vat that is gone', async () => {
    const { t, root, use } = await openUser(talk);
    const other = await launch(t, {});
    const [channel = ''] = (await t.kernel.queueMessage(root, 'give', ['talk']))
      .slots;
    await t.call(other.rootKref, 'take', 'theirs', { '@ref': channel });
    await t.call(other.rootKref, 'begin', 'theirs', 'read');
    await untilWaiting(t, 1);
    await t.kernel.terminateSubcluster(other.subclusterId);
    await untilWaiting(t, 0);
    // It comes while nobody waits, to a read of the channel that was begun for the other.
    (await connectTo(socketOf(t))).say('first\nsecond\n');
    await delay(50);
    expect(await use('talk', 'read')).toBe('first');
    expect(await use('talk', 'read')).toBe('second');
  });
});

describe('a channel bounds', () => {
  it('how many reads wait', async () => {
    const { t, call } = await openUser(talk, { limits: { ioReadsWaiting: 2 } });
    await call('begin', 'talk', 'read');
    await call('begin', 'talk', 'read');
    await untilWaiting(t, 2);
    expect(await call('many', 'talk', 'read', 1)).toStrictEqual([
      expect.stringMatching(
        /ioReadsWaiting was reached: 3 of at most 2 reads/u,
      ),
    ]);
    (await connectTo(socketOf(t))).say('1\n2\n3\n');
    expect(await call('ended')).toStrictEqual(['1', '2']);
    expect(await call('many', 'talk', 'read', 1)).toStrictEqual(['3']);
  });

  it('how many calls wait besides', async () => {
    const { t, call } = await openUser(talk, { limits: { ioCallsWaiting: 2 } });
    await call('begin', 'talk', 'write', '1');
    await call('begin', 'talk', 'write', '2');
    await untilWaiting(t, 2);
    expect(await call('many', 'talk', 'write', 1, '3')).toStrictEqual([
      expect.stringMatching(
        /ioCallsWaiting was reached: 3 of at most 2 calls/u,
      ),
    ]);
    const client = await connectTo(socketOf(t));
    expect([await client.hear(), await client.hear()]).toStrictEqual([
      '1',
      '2',
    ]);
    expect(await call('ended')).toStrictEqual(['done', 'done']);
  });

  it('how much text waits, in bytes', async () => {
    const { t, call } = await openUser(talk, {
      limits: { ioUnwrittenBytes: 10 },
    });
    await call('begin', 'talk', 'write', '12345678');
    await call('begin', 'talk', 'write', 'ä');
    await untilWaiting(t, 2);
    expect(await call('many', 'talk', 'write', 1, '1')).toStrictEqual([
      expect.stringMatching(/ioUnwrittenBytes was reached: 11 of at most 10/u),
    ]);
    const client = await connectTo(socketOf(t));
    expect(await client.hear()).toBe('12345678');
    expect(await call('ended')).toStrictEqual(['done', 'done']);
    expect(await call('many', 'talk', 'write', 1, '1234567890')).toStrictEqual([
      'done',
    ]);
    expect(await call('many', 'talk', 'write', 1, '12345678901')).toStrictEqual(
      [expect.stringMatching(/ioUnwrittenBytes was reached/u)],
    );
  });

  it('how many channels are open in all', async () => {
    const t = await openTestKernel({ limits: { ioChannels: 2 } });
    const consoles = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          `c${at}`,
          { type: 'console' as const },
        ]),
      );
    await expect(launch(t, consoles(3))).rejects.toThrow(
      /ioChannels was reached: 3 of at most 2/u,
    );
    const { subclusterId } = await launch(t, consoles(2));
    await expect(launch(t, consoles(1))).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
    });
    await t.kernel.terminateSubcluster(subclusterId);
    await launch(t, consoles(2));
  });

  it('what a slow client makes it keep: a write waits, and others are refused', async () => {
    const { t, call } = await openUser(talk);
    const client = await connectTo(socketOf(t));
    client.socket.pause();
    const text = 'x'.repeat(1024 * 1024 - 1);
    for (let at = 0; at < 40; at += 1)
      await call('begin', 'talk', 'write', text);
    // 8 MiB in all may wait.
    await eventually(() => expect(waiting(t)).toBeLessThanOrEqual(8));
    let heard = 0;
    client.socket.on('data', (data: Buffer) => {
      heard += data.length;
    });
    client.socket.resume();
    const outcomes = (await call('ended')) as string[];
    const done = outcomes.filter((one) => one === 'done').length;
    expect(done).toBeGreaterThanOrEqual(8);
    expect(done).toBeLessThan(20);
    await eventually(() => expect(heard).toBe(done * 1024 * 1024));
    expect(outcomes).toContainEqual(
      expect.stringMatching(/ioUnwrittenBytes was reached/u),
    );
  });

  it('a line of a client without end: it is cut off, and the next one is heard', async () => {
    const { t, use } = await openUser(talk, { limits: { ioLineBytes: 1000 } });
    const line = use('talk', 'read');
    const client = await connectTo(socketOf(t));
    client.say('x'.repeat(1001));
    await client.hungUp();
    (await connectTo(socketOf(t))).say(`${'y'.repeat(1000)}\n`);
    expect(await line).toBe('y'.repeat(1000));
    expect(t.logged).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: expect.stringMatching(/ioLineBytes/u),
      }),
    );
  });

  it('its arguments by a guard', async () => {
    const { use } = await openUser({
      ...talk,
      work: { type: 'folder', path: 'work', access: 'write' },
    });
    await expect(use('talk', 'write', 7)).rejects.toThrow(/Must be a string/u);
    await expect(use('talk', 'write')).rejects.toThrow(/arg/iu);
    await expect(use('talk', 'read', 'x')).rejects.toThrow(/arg/iu);
    await expect(use('work', 'readText', { path: 'x' })).rejects.toThrow(
      /Must be a string/u,
    );
    // More than the usual limit of a guard for text.
    await use('work', 'writeText', 'big', 'b'.repeat(200_000));
    expect(await use('work', 'readText', 'big')).toHaveLength(200_000);
  });
});
