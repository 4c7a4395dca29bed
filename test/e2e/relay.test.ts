/** `ocap relay …`, with the real binary: one relay a home, and peers that meet there. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  heardOn,
  openEcho,
  startListener,
  startPeer,
} from '../../packages/kernel-utils/src/libp2p/fixtures/peers.ts';
import { ocapBin, openHome, type Home } from '../support/home.ts';
import { gone, isAlive, sendSignal } from '../support/processes.ts';

const quiet = ['--host', '127.0.0.1', '--tcp-port', '0', '--ws-port', '0'];

type Started = Readonly<{
  status: string;
  pid: number;
  home: string;
  peerId: string;
  addresses: readonly string[];
  metricsUrl?: string;
}>;

type RelayHome = Home &
  Readonly<{
    relayDir: string;
    relayPid(): number | undefined;
    start(...options: string[]): Promise<Started>;
  }>;

/** Its relay is killed when the test is over, and the home removed. */
const openRelayHome = async (): Promise<RelayHome> => {
  const home = await openHome();
  const relayDir = join(home.dir, 'relay');
  const relayPid = (): number | undefined => {
    const path = join(relayDir, 'relay.pid');
    const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
    return pid > 0 && isAlive(pid) ? pid : undefined;
  };
  onTestFinished(async () => {
    const pid = relayPid();
    if (pid !== undefined) {
      sendSignal(pid, 'SIGKILL');
      await gone(pid);
    }
    await home.close();
  });
  const start: RelayHome['start'] = async (...options) =>
    (await home.json(['relay', 'start', ...quiet, ...options])) as Started;
  return { ...home, relayDir, relayPid, start };
};

const logOf = ({ relayDir }: RelayHome): readonly { msg: string }[] =>
  readFileSync(join(relayDir, 'relay.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string });

const startsOf = (home: RelayHome): number =>
  logOf(home).filter(({ msg }) => msg === 'The relay has started.').length;

const modeOf = (path: string): string =>
  (statSync(path).mode & 0o777).toString(8);

/** A program that has a port before the relay wants it. */
const takePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

describe('ocap relay start', () => {
  it('starts a relay at which peers meet, and which outlives its shell (P-34)', async () => {
    const home = await openRelayHome();
    const started = await home.start();
    expect(started).toMatchObject({
      status: 'started',
      pid: home.relayPid(),
      home: home.relayDir,
      addresses: [
        expect.stringContaining('/ip4/127.0.0.1/tcp/'),
        expect.stringContaining(`/ws/p2p/${started.peerId}`),
      ],
    });
    const relay = { addresses: () => started.addresses };
    const listener = await startListener(relay, 'ws');
    const stream = await openEcho(relay, await startPeer(), listener);
    const heard = heardOn(stream);
    stream.send(new TextEncoder().encode('hello'));
    await vi.waitFor(() => expect(heard()).toBe('hello'));
    expect(await home.json(['relay', 'status'])).toMatchObject({
      status: 'running',
      pid: started.pid,
      peerId: started.peerId,
      addresses: started.addresses,
      metrics: { connections: 2, reservations: 1, circuits: 1 },
    });
  });

  it('a second time says that it runs, and where (P-34)', async () => {
    const home = await openRelayHome();
    const first = await home.start();
    const second = await home.start('--max-reservations', '3');
    expect(second).toStrictEqual({ ...first, status: 'already running' });
    expect(startsOf(home)).toBe(1);
  });

  it('starts one relay, however many ask at once', async () => {
    const home = await openRelayHome();
    const all = await Promise.all(
      Array.from({ length: 20 }, async () => home.start()),
    );
    const pids = new Set(all.map(({ pid }) => pid));
    expect([...pids]).toStrictEqual([home.relayPid()]);
    expect(all.filter(({ status }) => status === 'started')).toHaveLength(1);
    expect(startsOf(home)).toBe(1);
  });

  it('after kill -9 starts it again, as the same peer', async () => {
    const home = await openRelayHome();
    const first = await home.start();
    for (let round = 0; round < 5; round += 1) {
      const pid = home.relayPid() ?? 0;
      sendSignal(pid, 'SIGKILL');
      const next = await home.start();
      expect(next).toMatchObject({ status: 'started', peerId: first.peerId });
      expect(next.pid).not.toBe(pid);
    }
  });

  it('keeps what it has to its owner, and nothing in the home of a daemon', async () => {
    const home = await openRelayHome();
    await home.start();
    expect(await readdir(home.dir)).toStrictEqual(['relay']);
    expect(modeOf(home.relayDir)).toBe('700');
    const names = (await readdir(home.relayDir)).sort();
    expect(names).toStrictEqual([
      'identity.key',
      'relay.lock',
      'relay.log',
      'relay.pid',
      'relay.sock',
      'relay.start',
    ]);
    for (const name of names) {
      const mode = modeOf(join(home.relayDir, name));
      expect([name, mode]).toStrictEqual([name, '600']);
    }
    const pid = home.relayPid();
    const purge = await home.ocap(['daemon', 'purge', '--force']);
    expect(purge.code).toBe(0);
    expect(home.relayPid()).toBe(pid);
    expect(existsSync(join(home.relayDir, 'identity.key'))).toBe(true);
  });

  it.each(['--tcp-port', '--ws-port', '--metrics-port'])(
    'says that another program has the port (%s), and leaves nothing running',
    async (option) => {
      const home = await openRelayHome();
      const port = await takePort();
      const others = quiet.join(' ').replace(`${option} 0`, '').split(' ');
      const { code, stdout, stderr } = await home.ocap([
        ...['relay', 'start', ...others.filter((word) => word !== '')],
        ...[option, String(port)],
      ]);
      expect({ code, stdout }).toStrictEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`Port ${port} is in use by another program`);
      expect(stderr).toContain('--tcp-port');
      expect(home.relayPid()).toBeUndefined();
      expect(await home.json(['relay', 'status'])).toMatchObject({
        status: 'not running',
      });
      expect(await home.start()).toMatchObject({ status: 'started' });
    },
  );

  it.each([
    ['--tcp-port', 'x'],
    ['--circuit-bytes', '1'],
    ['--public-ip', 'here'],
  ])('refuses %s %s', async (option, text) => {
    const home = await openRelayHome();
    const { code, stdout, stderr } = await home.ocap(
      ['relay', 'start', option, text].concat(
        option === '--tcp-port' ? [] : quiet,
      ),
    );
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(text);
    expect(home.relayPid()).toBeUndefined();
  });
});

describe('ocap relay status', () => {
  it('tells the limits that it was started with, and serves its metrics', async () => {
    const home = await openRelayHome();
    const { metricsUrl = '' } = await home.start(
      ...['--max-reservations', '7', '--reservation-ttl', '2h'],
      ...['--circuit-seconds', '60', '--circuit-bytes', '4096'],
      ...['--max-connections', '20', '--metrics-port', '0'],
    );
    expect(await home.json(['relay', 'status'])).toMatchObject({
      limits: {
        maxReservations: 7,
        reservationMs: 7_200_000,
        circuitMs: 60_000,
        circuitBytes: 4096,
        maxConnections: 20,
      },
    });
    expect(metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/u);
    const answer = await fetch(metricsUrl);
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(await answer.text()).toContain('\nocap_relay_reservations_max 7\n');
    expect((await fetch(metricsUrl.replace('metrics', ''))).status).toBe(404);
  });

  it('starts nothing, and tells stuck from absent', async () => {
    const home = await openRelayHome();
    const absent = { status: 'not running', home: home.relayDir };
    expect(await home.json(['relay', 'status'])).toStrictEqual(absent);
    expect(await readdir(home.dir)).toStrictEqual([]);
    const { pid } = await home.start();
    sendSignal(pid, 'SIGSTOP');
    const { code, stdout } = await home.ocap(['relay', 'status']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'not answering', pid });
    const again = await home.ocap(['relay', 'start']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('ocap relay stop');
  });
});

describe('ocap relay stop', () => {
  it('stops it; where none runs, that is no error', async () => {
    const home = await openRelayHome();
    expect(await home.json(['relay', 'stop'])).toMatchObject({
      status: 'not running',
    });
    const { pid } = await home.start();
    expect(await home.json(['relay', 'stop'])).toStrictEqual({
      status: 'stopped',
      stage: 'rpc',
      home: home.relayDir,
    });
    expect(isAlive(pid)).toBe(false);
    expect((await readdir(home.relayDir)).sort()).toStrictEqual([
      'identity.key',
      'relay.lock',
      'relay.log',
    ]);
    expect(logOf(home).at(-1)?.msg).toBe('The relay has stopped.');
  });

  it('stops it also while peers talk, and when it does not answer', async () => {
    const home = await openRelayHome();
    const started = await home.start();
    const relay = { addresses: () => started.addresses };
    const listener = await startListener(relay);
    await openEcho(relay, await startPeer(), listener);
    expect(await home.json(['relay', 'stop'])).toMatchObject({ stage: 'rpc' });
    const { pid } = await home.start();
    sendSignal(pid, 'SIGSTOP');
    expect(await home.json(['relay', 'stop'])).toMatchObject({
      status: 'stopped',
      stage: 'sigkill',
    });
    expect(isAlive(pid)).toBe(false);
  });

  it('is what SIGTERM does, too', async () => {
    const home = await openRelayHome();
    const { pid } = await home.start();
    sendSignal(pid, 'SIGTERM');
    await gone(pid);
    expect(logOf(home).at(-1)?.msg).toBe('The relay has stopped.');
    expect(existsSync(join(home.relayDir, 'relay.sock'))).toBe(false);
  });
});

describe('ocap relay start --foreground', () => {
  /** Resolves once it has said its addresses. */
  const startForeground = async (
    home: RelayHome,
  ): Promise<Readonly<{ child: ChildProcess; started: Started }>> => {
    const words = ['relay', 'start', '--foreground', ...quiet];
    const child = spawn(process.execPath, [ocapBin, ...words], {
      env: home.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, started: JSON.parse(line.toString()) as Started };
  };

  it.each(['SIGINT', 'SIGTERM'] as const)('runs until %s', async (signal) => {
    const home = await openRelayHome();
    const { child, started } = await startForeground(home);
    expect(started).toMatchObject({
      status: 'started',
      pid: home.relayPid(),
      addresses: [expect.any(String), expect.any(String)],
    });
    expect(await home.json(['relay', 'status'])).toMatchObject({
      pid: started.pid,
    });
    const exited = once(child, 'exit');
    child.kill(signal);
    expect(await exited).toStrictEqual([0, null]);
    expect(isAlive(started.pid)).toBe(false);
    expect(logOf(home).at(-1)?.msg).toBe('The relay has stopped.');
  });

  it('ends when it is stopped from elsewhere, and fails if it is killed', async () => {
    const home = await openRelayHome();
    const one = await startForeground(home);
    const oneExited = once(one.child, 'exit');
    await home.json(['relay', 'stop']);
    expect(await oneExited).toStrictEqual([0, null]);
    const other = await startForeground(home);
    const otherExited = once(other.child, 'exit');
    sendSignal(other.started.pid, 'SIGKILL');
    expect(await otherExited).toStrictEqual([1, null]);
  });

  it('leaves no relay behind, even if it is killed', async () => {
    const home = await openRelayHome();
    const { child, started } = await startForeground(home);
    child.kill('SIGKILL');
    await gone(started.pid);
    expect(logOf(home).at(-1)?.msg).toBe('The relay has stopped.');
  });

  it('is refused where one runs already', async () => {
    const home = await openRelayHome();
    const { pid } = await home.start();
    const words = ['relay', 'start', '--foreground', ...quiet];
    const { code, stderr } = await home.ocap(words);
    expect(code).toBe(1);
    expect(stderr).toContain(`A relay (pid ${pid}) already runs`);
    expect(stderr).toContain('ocap relay stop');
    expect(home.relayPid()).toBe(pid);
  });
});

describe('help', () => {
  it.each(['relay', 'relay start', 'relay status', 'relay stop'])(
    'is there for: ocap %s (P-39)',
    async (command) => {
      const home = await openRelayHome();
      const words = [...command.split(' '), '--help'];
      const { code, stdout, stderr } = await home.ocap(words);
      expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`ocap ${command}`);
      expect(await readdir(home.dir)).toStrictEqual([]);
    },
  );

  it('offers the commands to the shell', async () => {
    const home = await openRelayHome();
    const words = ['--get-yargs-completions', 'ocap', 'relay', 'st'];
    const { stdout } = await home.ocap(words);
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['start', 'status', 'stop']),
    );
  });
});
