/** Several daemons, with the real binary and real sockets of loopback: what a user sees of them. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { decodedToJson, decodeSmallcaps } from '@ocap/kernel-utils';
import {
  openClient,
  startDaemonOf,
  withClient,
} from '../support/daemon-client.ts';
import { freePort, openMachine, type Machine } from '../support/machine.ts';

/** Counts durably, greets, calls others and is called by them. */
const clerk = `
  if (!baggage.has('total')) baggage.init('total', 0);
  return makeDefaultExo('Clerk', {
    add: (by) => { baggage.set('total', baggage.get('total') + by); return baggage.get('total'); },
    total: () => baggage.get('total'),
    hello: (name) => 'hello ' + name,
    greet: (other, name) => E(other).hello(name),
    addTo: async (other, times) => { let last; for (let i = 0; i < times; i += 1) last = await E(other).add(1); return last; },
  });`;

const openClerk = async (
  limits?: Readonly<Record<string, number>>,
): Promise<Machine> => {
  const machine = await openMachine(limits);
  await machine.launch('clerk', clerk);
  return machine;
};

/** Two that listen; each has the clerk of the other as `theirs`. */
const openPair = async (): Promise<readonly [Machine, Machine]> => {
  const a = await openClerk();
  const b = await openClerk();
  await a.listen();
  await b.listen();
  await b.redeem((await a.share('clerk')).url, 'theirs');
  await a.redeem((await b.share('clerk')).url, 'theirs');
  return [a, b];
};

/** The only other daemon that this one knows, as its status tells. */
const peerOf = async (machine: Machine) => (await machine.comms())?.peers[0];

describe('two daemons', () => {
  it('call each other’s objects, and objects that were passed (P-41)', async () => {
    const [a, b] = await openPair();
    expect(await b.call('theirs', 'hello', 'b')).toBe('hello b');
    expect(await a.call('theirs', 'hello', 'a')).toBe('hello a');
    expect(await b.call('theirs', 'greet', '@clerk', 'back')).toBe(
      'hello back',
    );
    expect(await a.call('clerk', 'greet', '@theirs', 'far')).toBe('hello far');
    expect(await a.call('theirs', 'addTo', '@clerk', 5)).toBe(5);
    expect(await a.call('clerk', 'total')).toBe(5);
    const failed = await b.ocap(['call', 'theirs', 'nothing']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('nothing');
  });

  it('tell of each other, and of objects of the other', async () => {
    const [a, b] = await openPair();
    const peerId = await a.peerId();
    expect(await b.comms()).toMatchObject({
      peerId: await b.peerId(),
      addresses: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/u)],
      peers: [{ peerId, state: 'connected', relayed: false }],
    });
    expect(await b.json(['describe', 'theirs'])).toMatchObject({
      names: ['theirs'],
      peer: peerId,
      state: 'live',
      interface: 'Clerk',
    });
    const names = await b.json(['names']);
    expect(names).toMatchObject([
      { name: 'clerk', vat: 'v1' },
      { name: 'theirs', peer: peerId, interface: 'Clerk' },
    ]);
    await a.killDaemon();
    await vi.waitFor(
      async () => expect((await peerOf(b))?.state).not.toBe('connected'),
      { timeout: 30_000 },
    );
  });

  it('answer each call once, though the one that is called is killed again and again', async () => {
    const [a, b] = await openPair();
    const times = 400;
    const answered = b.json(
      ['call', 'clerk', 'addTo', '@theirs', String(times)],
      { deadlineMs: 100_000 },
    );
    answered.catch(() => undefined);
    let total = 0;
    for (let round = 1; round <= 3; round += 1) {
      const before = total;
      await withClient(a, async (client) => {
        while (total < before + 20) {
          total = Number(await client.call('clerk', 'total'));
        }
      });
      // In the middle, that is.
      expect(total).toBeLessThan(times);
      await a.killDaemon();
      await delay(100 * round);
      await startDaemonOf(a);
    }
    expect(await answered).toBe(times);
    expect(await a.call('clerk', 'total')).toBe(times);
  });

  it('answer each call once, though the one that calls is killed', async () => {
    const [a, b] = await openPair();
    const ids = Array.from({ length: 60 }, (_, at) => `call-${at}`);
    const askAll = async (): Promise<
      readonly PromiseSettledResult<unknown>[]
    > => {
      const client = openClient(b);
      const asked = ids.map(async (id) =>
        decodedToJson(
          decodeSmallcaps(await client.send('theirs', 'add', [1], id)),
        ),
      );
      return Promise.allSettled(asked).finally(client.close);
    };
    let unanswered = 0;
    for (let round = 0; round < 3; round += 1) {
      const asked = askAll();
      await delay(15 * round);
      await b.killDaemon();
      unanswered += (await asked).filter(
        ({ status }) => status === 'rejected',
      ).length;
      await startDaemonOf(b);
    }
    expect(unanswered).toBeGreaterThan(0);
    const outcomes = await askAll();
    const answers = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value : outcome.reason,
    );
    expect(answers.toSorted((x, y) => Number(x) - Number(y))).toStrictEqual(
      ids.map((_id, at) => at + 1),
    );
    expect(await a.call('clerk', 'total')).toBe(ids.length);
  });

  it('that were asked while the other was away answer when it is back', async () => {
    const [a, b] = await openPair();
    await a.killDaemon();
    const asked = [1, 2, 3].map(async () => b.call('theirs', 'add', 1));
    // In a frame, or waiting to be put into one.
    const waiting = async (): Promise<number> => {
      const { queued = 0, inbox = 0 } = (await peerOf(b)) ?? {};
      return queued + inbox;
    };
    await vi.waitFor(
      async () => expect(await waiting()).toBeGreaterThanOrEqual(3),
      { timeout: 20_000 },
    );
    await a.json(['daemon', 'start']);
    expect((await Promise.all(asked)).toSorted()).toStrictEqual([1, 2, 3]);
  });
});

describe('a daemon that listens', () => {
  it('does so after every start, and shares with its address at once', async () => {
    const a = await openClerk();
    const where = await a.listen();
    const [ip, port] = where.split(':');
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await a.killDaemon(signal);
      const { url, addresses } = await a.share('clerk');
      expect(addresses).toStrictEqual([`/ip4/${ip}/tcp/${port}`]);
      expect(url).toContain(`@${await a.peerId()},/ip4/${ip}/tcp/${port}`);
    }
  });

  it('listens elsewhere once it is told to', async () => {
    const a = await openClerk();
    const before = await a.listen();
    const [x, y] = [await freePort(), await freePort()];
    const started = await a.json([
      ...['daemon', 'start', '--listen', `localhost:${x}`],
      ...['--listen', `/ip4/127.0.0.1/tcp/${y}/ws`],
    ]);
    const addresses = [`/ip4/127.0.0.1/tcp/${x}`, `/ip4/127.0.0.1/tcp/${y}/ws`];
    expect(started).toMatchObject({
      status: 'already running',
      remoteComms: { peerId: await a.peerId(), addresses },
      waitingFor: [],
    });
    expect(JSON.stringify(await a.comms())).not.toContain(before.slice(-5));
    await a.killDaemon();
    expect((await a.share('clerk')).addresses).toStrictEqual(addresses);
  });

  it('is not started by what makes no sense', async () => {
    const a = await openMachine();
    const { code, stderr } = await a.ocap([
      ...['daemon', 'start', '--listen', 'example.net:4001'],
    ]);
    expect({ code, pid: a.daemonPid() }).toStrictEqual({
      code: 2,
      pid: undefined,
    });
    expect(stderr).toContain('--listen "example.net:4001" is neither');
    const relay = await a.ocap(['daemon', 'start', '--local-relay']);
    expect(relay.code).toBe(1);
    expect(relay.stderr).toContain('ocap relay start');
    expect(a.daemonPid()).toBeUndefined();
  });

  it('says so if another program has the port', async () => {
    const a = await openMachine();
    const b = await openMachine();
    const where = await a.listen();
    const { code, stderr } = await b.ocap([
      ...['daemon', 'start', '--listen', where],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('EADDRINUSE');
    expect(stderr).toContain('(REMOTE_COMMS_FAILED)');
  });
});

describe('four daemons side by side', () => {
  it('have each its own state, and call round in a ring (P-41)', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(async () => openClerk()));
    await Promise.all(all.map(async (machine) => machine.listen()));
    const next = (at: number): Machine => all[(at + 1) % 4] as Machine;
    await Promise.all(
      all.map(async (machine, at) =>
        machine.redeem((await next(at).share('clerk')).url, 'next'),
      ),
    );
    const added = all.map(async (machine, at) =>
      machine.call('clerk', 'addTo', '@next', at + 3),
    );
    expect(await Promise.all(added)).toStrictEqual([3, 4, 5, 6]);
    const totals = all.map(async (machine) => machine.call('clerk', 'total'));
    expect(await Promise.all(totals)).toStrictEqual([6, 3, 4, 5]);
    const ids = all.map(async (machine) => machine.peerId());
    expect(new Set(await Promise.all(ids)).size).toBe(4);
  });
});

describe('daemons that have only a relay in common', () => {
  it('redeem and call, and go on when the relay was killed (P-34)', async () => {
    const relayHome = await openMachine();
    const relays = await relayHome.startRelay();
    const a = await openClerk();
    const b = await openClerk();
    const [relay = ''] = relays;
    const started = await a.json(['daemon', 'start', '--relay', relay]);
    expect(started).toMatchObject({ waitingFor: [] });

    const { url, addresses } = await a.share('clerk');
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) {
      expect(address).toMatch(/\/p2p\/[^/]+\/p2p-circuit$/u);
    }
    expect(await b.redeem(url, 'theirs')).toMatchObject({
      name: 'theirs',
      interface: 'Clerk',
      peer: await a.peerId(),
      relayed: true,
    });
    expect(await b.call('theirs', 'add', 1)).toBe(1);
    expect(await b.call('theirs', 'greet', '@clerk', 'b')).toBe('hello b');
    expect(await peerOf(a)).toMatchObject({
      state: 'connected',
      relayed: true,
    });

    await relayHome.killRelay();
    const asked = b.call('theirs', 'add', 1);
    await vi.waitFor(
      async () => expect((await peerOf(b))?.queued).toBeGreaterThanOrEqual(1),
      { timeout: 40_000 },
    );
    expect(await relayHome.startRelay()).toStrictEqual(relays);
    expect(await asked).toBe(2);
    expect(await b.call('theirs', 'add', 1)).toBe(3);
    // Of what its addresses are, too.
    await vi.waitFor(
      async () => expect((await a.comms())?.addresses).toStrictEqual(addresses),
      { timeout: 30_000 },
    );
  });

  it('need not be told where the relay of their own home is', async () => {
    const a = await openClerk();
    const b = await openClerk();
    await a.startRelay();
    const started = await a.json(['daemon', 'start', '--local-relay']);
    expect(started).toMatchObject({ waitingFor: [] });
    expect(
      await b.redeem((await a.share('clerk')).url, 'theirs'),
    ).toMatchObject({ relayed: true });
    await a.killDaemon();
    const asked = b.call('theirs', 'add', 1);
    await a.json(['daemon', 'start']);
    expect(await asked).toBe(1);
  });

  it('are told of a relay that does not answer, and reach it later', async () => {
    const relayHome = await openMachine();
    const relays = await relayHome.startRelay();
    await relayHome.killRelay();
    const a = await openMachine();
    const { code, stdout, stderr } = await a.ocap([
      ...['daemon', 'start', '--relay', relays[0] ?? ''],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      remoteComms: { addresses: [] },
      waitingFor: [relays[0]?.split('/').at(-1)],
    });
    expect(stderr).toContain('does not answer yet');
    await relayHome.startRelay();
    await vi.waitFor(
      async () => expect((await a.comms())?.addresses).not.toHaveLength(0),
      { timeout: 60_000, interval: 200 },
    );
  });
});

describe('a URL', () => {
  it('without an address says what to do, and is good at home', async () => {
    const a = await openClerk();
    const { code, stdout, stderr } = await a.ocap(['share', 'clerk']);
    expect(code).toBe(0);
    expect(stderr).toContain('no address in it');
    expect(stderr).toContain('ocap daemon start --listen');
    const { url, addresses } = JSON.parse(stdout) as {
      url: string;
      addresses: unknown;
    };
    expect(addresses).toStrictEqual([]);
    expect(await a.redeem(url, 'again')).toMatchObject({ interface: 'Clerk' });
  });

  it('is good only for whom, as often and as long as it says', async () => {
    const [a, b] = [await openClerk(), await openMachine()];
    const other = await openMachine();
    await a.listen();
    const good = await a.share('clerk', '--peer', await b.peerId());
    expect(await b.redeem(good.url, 'clerk')).toMatchObject({ name: 'clerk' });

    const short = await a.share('clerk', '--ttl', '1s');
    const twice = await a.share('clerk', '--uses', '2');
    const once = await a.share('clerk', '--once', '--expires', '1h');
    const revoked = await a.share('clerk');
    const foreign = await a.share('clerk', '--peer', await other.peerId());
    await b.redeem(twice.url, 'one');
    await b.redeem(twice.url, 'two');
    await b.redeem(once.url, 'three');
    await a.json(['revoke', revoked.id]);
    await delay(1100);

    for (const [{ url }, why] of [
      [short, 'its time was over'],
      [twice, 'it was redeemed as often as it could be'],
      [once, 'it was redeemed as often as it could be'],
      [revoked, 'it was revoked'],
      [foreign, 'it is for another peer'],
    ] as const) {
      const { code, stdout, stderr } = await b.ocap(['redeem', url]);
      expect({ code, stdout }, why).toStrictEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(why);
      expect(stderr).toContain('URL_REFUSED');
    }
    // What was redeemed before is not affected.
    expect(await b.call('three', 'hello', 'b')).toBe('hello b');
    expect(await other.redeem(foreign.url, 'clerk')).toMatchObject({
      name: 'clerk',
    });
  });

  it('with a flipped bit stands for nothing', async () => {
    const a = await openClerk();
    const b = await openMachine({ remoteConnectMs: 2000 });
    await a.listen();
    const { url } = await a.share('clerk');
    const withFlipped = (at: number, bit: number): string => {
      const code = url.charCodeAt(at) ^ bit;
      return url.slice(0, at) + String.fromCharCode(code) + url.slice(at + 1);
    };
    const token = 'ocap:'.length;
    const peerId = url.indexOf('@') + 1;
    for (const at of [token, token + 31, token + 63, 0, 4, peerId + 20]) {
      for (const bit of [1, 16]) {
        const flipped = withFlipped(at, bit);
        const { code, stdout, stderr } = await b.ocap(['redeem', flipped]);
        expect({ code, stdout }, flipped).toStrictEqual({
          code: 1,
          stdout: '',
        });
        expect(stderr, flipped).toMatch(
          /\((?:URL_REFUSED|URL_INVALID|PEER_UNREACHABLE)\)\n/u,
        );
      }
    }
    expect(await b.redeem(url, 'clerk')).toMatchObject({ name: 'clerk' });
  });

  it('of a daemon that is away says so in time, and what to do', async () => {
    const a = await openClerk();
    const b = await openMachine({ remoteConnectMs: 1500 });
    await a.listen();
    const { url } = await a.share('clerk');
    await a.killDaemon();
    const { code, stdout, stderr } = await b.ocap(['redeem', url]);
    expect({ code, stdout }).toStrictEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`The peer ${await a.peerId()} was not reached`);
    expect(stderr).toContain('(PEER_UNREACHABLE)');
    expect(stderr).toContain('ocap daemon status');
    const json = await b.ocap(['--json', 'redeem', url]);
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { data: { code: 'PEER_UNREACHABLE' } },
    });
    expect(await b.json(['names'])).toStrictEqual([]);
    await a.json(['daemon', 'start']);
    expect(await b.redeem(url, 'clerk')).toMatchObject({ name: 'clerk' });
  });

  it('can be redeemed by the command of ocap-kernel, too', async () => {
    const a = await openClerk();
    const b = await openMachine();
    await a.listen();
    const { url } = await a.share('clerk');
    const found = await b.json(['daemon', 'redeem-url', url]);
    expect(found).toMatchObject({
      kref: expect.stringMatching(/^ko\d+$/u) as string,
      interface: 'Clerk',
      peer: await a.peerId(),
      relayed: false,
      ms: expect.any(Number) as number,
    });
  });

  it.each([
    ['--peer', 'nobody', '--peer "nobody"'],
    ['--uses', '0', '--uses "0"'],
    ['--ttl', 'soon', '--ttl "soon"'],
  ])('is not made with %s %s', async (option, value, problem) => {
    const a = await openMachine();
    const { code, stderr } = await a.ocap(['share', 'x', option, value]);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
    expect(a.daemonPid()).toBeUndefined();
  });
});

describe('the identity', () => {
  it('survives a purge as words, and then is who its peers know', async () => {
    const a = await openClerk();
    const b = await openMachine();
    const where = await a.listen();
    const peerId = await a.peerId();
    await b.redeem((await a.share('clerk')).url, 'clerk');
    const backup = (await a.json(['daemon', 'identity', 'backup'])) as {
      peerId: string;
      phrase: string;
    };
    expect(backup).toStrictEqual({
      peerId,
      phrase: expect.stringMatching(/^(?:[a-z]+ ){23}[a-z]+$/u) as string,
    });
    const restore = async (
      input: string,
      ...options: string[]
    ): Promise<Awaited<ReturnType<Machine['ocap']>>> =>
      a.ocap(['daemon', 'identity', 'restore', ...options], { input });

    const early = await restore(backup.phrase, '--force');
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('ocap daemon stop');

    await a.json(['daemon', 'purge', '--force']);
    expect(await a.peerId()).not.toBe(peerId);
    await a.launch('clerk', clerk);
    await a.json(['daemon', 'stop']);
    const refused = await restore(backup.phrase);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--force');
    expect(await a.peerId()).not.toBe(peerId);

    await a.json(['daemon', 'purge', '--force']);
    const wrong = await restore(backup.phrase.replace(/ \w+ /u, ' sesame '));
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('PHRASE_INVALID');
    // What a pipe gives is what a pipe takes.
    const restored = await restore(JSON.stringify(backup));
    expect(JSON.parse(restored.stdout)).toStrictEqual({ peerId, home: a.dir });

    await a.launch('clerk', clerk);
    await a.json(['daemon', 'start', '--listen', where]);
    expect(await b.redeem((await a.share('clerk')).url, 'again')).toMatchObject(
      { peer: peerId },
    );
    expect(await b.call('again', 'hello', 'b')).toBe('hello b');
  });

  it('is shown without starting anything', async () => {
    const a = await openMachine();
    const peerId = await a.peerId();
    expect(await a.peerId()).toBe(peerId);
    expect(a.daemonPid()).toBeUndefined();
    await a.listen();
    expect((await a.comms())?.peerId).toBe(peerId);
  });

  it('is written neither into a log nor into a file that others can read (V-27)', async () => {
    const a = await openMachine();
    await a.listen();
    const { phrase } = (await a.json(['daemon', 'identity', 'backup'])) as {
      phrase: string;
    };
    const words = ['daemon', 'identity', 'backup'];
    const ci = await a.ocap(words, { env: { CI: 'true' } });
    expect({ code: ci.code, stdout: ci.stdout }).toStrictEqual({
      code: 1,
      stdout: '',
    });
    expect(ci.stderr).toContain('umask 077');
    expect(readFileSync(a.logPath, 'utf8')).not.toContain(phrase);
    const seed = readFileSync(`${a.dir}/identity.key`, 'utf8').trim();
    expect(readFileSync(a.logPath, 'utf8')).not.toContain(seed);
  });
});
