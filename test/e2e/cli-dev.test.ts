/** `ocap dev`, `watch`, `serve` and `start` with the real binary, as a program sees them (V-29). */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ocapBin, withHome, type Home } from '../support/home.ts';

/** With methods besides `increment`, as source text. */
const counter = (methods = '', start = ''): string => `
import { makeDefaultExo } from '@ocap/kernel-utils/exo';
export const buildRootObject = (_powers, _parameters, baggage) => {
  ${start}
  if (!baggage.has('count')) baggage.init('count', 0);
  return makeDefaultExo('Counter', {
    increment: () => {
      baggage.set('count', baggage.get('count') + 1);
      return baggage.get('count');
    },
    ${methods}
  });
};
`;
const read = "read: () => baggage.get('count'),";
const twice = "twice: () => 2 * baggage.get('count'),";
const broken = 'export const buildRootObject = ( => 1;\n';

type Event = Readonly<{ event: string } & Record<string, unknown>>;

/** A command that goes on, and what it has told so far. */
type Running = Readonly<{
  child: ChildProcessWithoutNullStreams;
  /** The next event of this name. Those before it are passed over. */
  next(name: string): Promise<Event>;
  /** The names of all events so far. */
  names(): readonly string[];
  stderr(): string;
  /** Sends the signal, and resolves to the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves to the exit code when it ends by itself. */
  ended: Promise<number | null>;
}>;

const begin = (home: Home, words: readonly string[], cwd: string): Running => {
  const child = spawn(process.execPath, [ocapBin, ...words], {
    cwd,
    env: home.env,
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (more: Buffer) => (texts.stdout += String(more)));
  child.stderr.on('data', (more: Buffer) => (texts.stderr += String(more)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const events = (): readonly Event[] =>
    texts.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Event);
  let passed = 0;
  const find = (name: string): Event => {
    const at = events().findIndex(
      ({ event }, place) => place >= passed && event === name,
    );
    const found = events()[at];
    if (found === undefined) {
      throw new Error(`no "${name}" yet in: ${texts.stdout}${texts.stderr}`);
    }
    passed = at + 1;
    return found;
  };
  return {
    child,
    next: async (name) => vi.waitFor(() => find(name), 30_000),
    names: () => events().map(({ event }) => event),
    stderr: () => texts.stderr,
    stop: async (signal = 'SIGINT') => {
      child.kill(signal);
      return ended;
    },
    ended,
  };
};

type Scene = Readonly<{
  home: Home;
  cwd: string;
  /** Starts it; it is killed at the end of the test if it still runs. */
  begin(...words: string[]): Running;
  write(name: string, text: string): Promise<void>;
}>;

/** An empty folder in a home of its own, from which commands are run. */
const withScene = async (use: (scene: Scene) => Promise<void>): Promise<void> =>
  withHome(async (home) => {
    const cwd = join(home.dir, 'work');
    await mkdir(cwd);
    const begun: Running[] = [];
    try {
      await use({
        home,
        cwd,
        begin: (...words) => {
          const running = begin(home, words, cwd);
          begun.push(running);
          return running;
        },
        write: async (name, text) => writeFile(join(cwd, name), text),
      });
    } finally {
      begun.forEach(({ child }) => child.kill('SIGKILL'));
      await Promise.all(begun.map(async ({ ended }) => ended));
    }
  });

describe('dev', () => {
  it('V-29: gives the running counter the method that was added, over the same count', async () => {
    await withScene(async ({ home, begin: run, write }) => {
      await write('counter.js', counter());
      const dev = run('dev', 'counter.js');
      expect(await dev.next('launched')).toMatchObject({
        name: 'counter',
        vats: { main: 'v1' },
      });
      await dev.next('watching');
      expect(await home.call('counter', 'increment')).toBe(1);
      expect(await home.call('counter', 'increment')).toBe(2);

      await write('counter.js', counter(read));
      expect(await dev.next('upgraded')).toMatchObject({
        vat: 'v1',
        name: 'main',
        incarnation: 2,
      });
      expect(await home.call('counter', 'read')).toBe(2);

      expect(await dev.stop()).toBe(0);
      expect(await dev.next('left')).toMatchObject({ vats: ['v1'] });
      expect(await home.call('counter', 'increment')).toBe(3);
      expect(dev.stderr()).toBe('');
    });
  });

  it('V-29: leaves the vat as it was while its source is broken or does not start', async () => {
    await withScene(async ({ home, begin: run, write }) => {
      await write('counter.js', counter(read));
      const dev = run('dev', 'counter.js', '--json');
      await dev.next('watching');
      await home.call('counter', 'increment');

      await write('counter.js', broken);
      expect(await dev.next('problem')).toMatchObject({
        code: 'SOURCE_INVALID',
        message: expect.stringContaining('counter.js:1:') as string,
      });
      expect(await home.call('counter', 'read')).toBe(1);

      await write('counter.js', counter(twice, 'throw Error("not today");'));
      expect(await dev.next('failed')).toMatchObject({
        vat: 'v1',
        message: expect.stringContaining('not today') as string,
        data: { code: 'UPGRADE_FAILED' },
      });
      expect(await home.call('counter', 'read')).toBe(1);

      await write('counter.js', counter(twice));
      await dev.next('upgraded');
      expect(await home.call('counter', 'twice')).toBe(2);
      expect(dev.names().filter((name) => name === 'upgraded')).toHaveLength(1);
    });
  });

  it('does not restart a vat for a change that makes no other code', async () => {
    await withScene(async ({ begin: run, write }) => {
      await write('counter.js', counter());
      const dev = run('dev', 'counter.js');
      await dev.next('watching');
      await write('counter.js', `// a remark\n${counter()}`);
      await dev.next('unchanged');
      expect(dev.names()).not.toContain('upgraded');
    });
  });

  it('--on-request upgrades when a line comes, and not before', async () => {
    await withScene(async ({ home, begin: run, write }) => {
      await write('counter.js', counter());
      const dev = run('dev', 'counter.js', '--on-request');
      await dev.next('watching');
      await home.call('counter', 'increment');
      await write('counter.js', counter(read));
      await dev.next('changed');
      await expect(home.call('counter', 'read')).rejects.toThrow('read');
      dev.child.stdin.write('\n');
      await dev.next('upgraded');
      expect(await home.call('counter', 'read')).toBe(1);
      dev.child.stdin.write('\n');
      await dev.next('unchanged');
      expect(await dev.stop('SIGTERM')).toBe(0);
    });
  });

  it('upgrades the vats of a cluster that are made of what has changed, and no others', async () => {
    await withScene(async ({ cwd, home, begin: run, write }) => {
      const using = (lib: string): string =>
        `import { greeting } from './${lib}';\n${counter('greet: () => greeting,')}`;
      const greet = (text: string): string =>
        `export const greeting = '${text}';\n`;
      await mkdir(join(cwd, 'hall'));
      await write('hall/a.js', using('shared.js'));
      await write('hall/b.js', using('shared.js'));
      await write('hall/c.js', using('own.js'));
      await write('hall/shared.js', greet('hello'));
      await write('hall/own.js', greet('hi'));
      await home.json(['bundle', 'hall/c.js'], { cwd });
      const vats = {
        a: { sourceSpec: './a.js' },
        b: { bundleName: 'b' },
        c: { bundleSpec: './c.bundle' },
      };
      const bundles = { b: { sourceSpec: './b.js' } };
      await write(
        'hall/cluster.json',
        JSON.stringify({ bootstrap: 'a', vats, bundles }),
      );
      const dev = run('dev', 'hall');
      await dev.next('watching');

      await write('hall/shared.js', greet('good day'));
      expect(await dev.next('upgraded')).toMatchObject({ name: 'a' });
      expect(await dev.next('upgraded')).toMatchObject({ name: 'b' });
      expect(await home.call('hall', 'greet')).toBe('good day');

      // Whoever makes its bundle: here by hand.
      await write('hall/own.js', greet('hey'));
      await home.json(['bundle', 'hall/c.js'], { cwd });
      expect(await dev.next('upgraded')).toMatchObject({ name: 'c' });
      expect(dev.names().filter((name) => name === 'upgraded')).toHaveLength(3);
    });
  });

  it('takes up what runs already, and refuses a name that stands for something else', async () => {
    await withScene(async ({ cwd, home, begin: run, write }) => {
      await write('counter.js', counter());
      await write('other.js', counter());
      await home.json(['launch', 'counter.js'], { cwd });
      await home.call('counter', 'increment');
      // While nobody watches.
      await write('counter.js', counter(read));
      const dev = run('dev', 'counter.js');
      expect(await dev.next('running')).toMatchObject({ vats: { main: 'v1' } });
      await dev.next('upgraded');
      expect(await home.call('counter', 'read')).toBe(1);

      const words = ['dev', 'other.js', '--as', 'counter'];
      const { code, stderr } = await home.ocap(words, { cwd });
      expect(code).toBe(1);
      expect(stderr).toContain('already stands for');
    });
  });

  it('launches nothing of a broken source, and has nothing to watch without a file', async () => {
    await withScene(async ({ cwd, home, write }) => {
      await write('counter.js', broken);
      const failed = await home.ocap(['dev', 'counter.js'], { cwd });
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain('counter.js:1:');
      expect(await home.json(['names'])).toStrictEqual([]);

      const bundleSpec = 'http://localhost:3000/a.bundle';
      const config = { bootstrap: 'a', vats: { a: { bundleSpec } } };
      await write('far.json', JSON.stringify(config));
      const far = await home.ocap(['dev', 'far.json'], { cwd });
      expect(far.code).toBe(2);
      expect(far.stderr).toContain('nothing to watch');
    });
  });

  it('says so when the vat ends, and ends', async () => {
    await withScene(async ({ home, begin: run, write }) => {
      await write('counter.js', counter());
      const dev = run('dev', 'counter.js');
      await dev.next('watching');
      await home.json(['terminate', 'counter']);
      expect(await dev.next('ended')).toMatchObject({ vat: 'v1' });
      expect(await dev.next('over')).toMatchObject({ name: 'counter' });
      expect(await dev.ended).toBe(1);
    });
  });

  it('outlives the daemon, which the next upgrade starts again', async () => {
    await withScene(async ({ home, begin: run, write }) => {
      await write('counter.js', counter());
      const dev = run('dev', 'counter.js');
      await dev.next('watching');
      await home.call('counter', 'increment');
      await home.killDaemon();
      await dev.next('daemon-gone');
      await write('counter.js', counter(read));
      await dev.next('upgraded');
      expect(await home.call('counter', 'read')).toBe(1);
    });
  });
});

describe('watch', () => {
  it('bundles again with every change; a broken source leaves its bundle as it was', async () => {
    await withScene(async ({ cwd, begin: run, write }) => {
      await write('a.js', counter());
      await write('b.js', counter());
      await write('lib.js', 'export const x = 1;\n');
      const watch = run('watch', '.');
      await watch.next('watching');
      expect(watch.names()).toStrictEqual(['bundled', 'bundled', 'watching']);
      const bundleOf = async (name: string): Promise<string> =>
        readFile(join(cwd, `${name}.bundle`), 'utf8');
      const before = await bundleOf('a');

      await write('b.js', counter(read));
      expect(await watch.next('bundled')).toMatchObject({
        source: join(cwd, 'b.js'),
        bundle: join(cwd, 'b.bundle'),
        external: ['@ocap/kernel-utils/exo'],
      });
      expect(await bundleOf('b')).toContain('read');

      await write('a.js', broken);
      expect(await watch.next('problem')).toMatchObject({
        source: join(cwd, 'a.js'),
      });
      expect(await bundleOf('a')).toBe(before);

      await write('a.js', counter(twice));
      await watch.next('bundled');
      expect(await bundleOf('a')).toContain('twice');

      await write('c.js', counter());
      await watch.next('bundled');
      await rm(join(cwd, 'c.js'));
      await watch.next('gone');
      expect(existsSync(join(cwd, 'c.bundle'))).toBe(true);
      expect(existsSync(join(cwd, 'lib.bundle'))).toBe(false);
      expect(await watch.stop('SIGTERM')).toBe(0);
      expect(watch.stderr()).toBe('');
    });
  });

  it('takes one file, ends well at Ctrl-C, and needs no daemon', async () => {
    await withScene(async ({ cwd, home, begin: run, write }) => {
      await write('a.js', 'export const x = 1;\n');
      await write('b.js', counter());
      const watch = run('watch', 'a.js', '--self-contained');
      expect(await watch.next('problem')).toMatchObject({ code: 'NOT_A_VAT' });
      await write('a.js', counter());
      expect(await watch.next('bundled')).toMatchObject({ external: [] });
      expect(await watch.stop()).toBe(0);
      expect(existsSync(join(cwd, 'b.bundle'))).toBe(false);
      expect(home.daemonPid()).toBeUndefined();

      const gone = await home.ocap(['watch', 'gone.js'], { cwd });
      expect(gone.code).toBe(1);
      expect(gone.stderr).toContain('no such file');
    });
  });
});

/** The status for a path as it is written here: `fetch` would put it right. */
const statusOf = async (port: number, path: string): Promise<number> => {
  const asked = request({ host: '127.0.0.1', port, path });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
};

const configOf = (bundleSpec: string): string =>
  JSON.stringify({ bootstrap: 'main', vats: { main: { bundleSpec } } });

describe('serve', () => {
  it('V-29: serves bundles that a daemon launches by URL', async () => {
    await withScene(async ({ cwd, home, begin: run, write }) => {
      await write('counter.js', counter());
      await home.json(['bundle', 'counter.js'], { cwd });
      const serve = run('serve', '.', '--port', '0');
      const { port, url } = await serve.next('serving');
      expect(url).toBe(`http://127.0.0.1:${String(port)}`);
      const bundleSpec = `http://localhost:${String(port)}/counter.bundle`;
      await write('far.json', configOf(bundleSpec));
      await home.json(['launch', 'far.json'], { cwd });
      expect(await home.call('far', 'increment')).toBe(1);
      expect(await serve.next('request')).toStrictEqual({
        event: 'request',
        method: 'GET',
        path: '/counter.bundle',
        status: 200,
      });
      expect(await serve.stop('SIGTERM')).toBe(0);
    });
  });

  it('gives nothing but bundles and cluster configs, and nothing from elsewhere', async () => {
    await withScene(async ({ cwd, begin: run, write }) => {
      await mkdir(join(cwd, 'out'));
      await write('secret.bundle', 'secret');
      await write('out/a.bundle', '{}');
      await write('out/cluster.json', configOf('./a.bundle'));
      await write('out/package.json', '{}');
      await write('out/a.js', counter());
      await symlink('../secret.bundle', join(cwd, 'out/link.bundle'));
      const serve = run('serve', 'out', '--port', '0', '--json');
      const port = (await serve.next('serving'))['port'] as number;
      const expected: Record<string, number> = {
        '/a.bundle': 200,
        '/cluster.json': 200,
        '/package.json': 404,
        '/a.js': 404,
        '/': 404,
        '/../secret.bundle': 403,
        '/%2e%2e/secret.bundle': 403,
        '/..%2fsecret.bundle': 403,
        '/link.bundle': 403,
      };
      for (const [path, status] of Object.entries(expected)) {
        expect([path, await statusOf(port, path)]).toStrictEqual([
          path,
          status,
        ]);
      }
      expect(await serve.stop()).toBe(0);
    });
  });

  it('says what is wrong with its port or its folder', async () => {
    await withScene(async ({ cwd, home, begin: run, write }) => {
      await write('a.bundle', '{}');
      const serve = run('serve', '.', '--port', '0');
      const port = String((await serve.next('serving'))['port']);
      const wrong: readonly (readonly [string[], string])[] = [
        [['.', '--port', port], `port ${port} is taken`],
        [['.', '--port', '65536'], 'is not a port'],
        [['.', '--port', 'x'], 'is not a port'],
        [['a.bundle', '--port', '0'], 'not a folder'],
        [['gone', '--port', '0'], 'gone'],
      ];
      for (const [words, message] of wrong) {
        const { code, stderr } = await home.ocap(['serve', ...words], { cwd });
        expect(code).not.toBe(0);
        expect(stderr).toContain(message);
      }
    });
  });
});

describe('start', () => {
  it('serves what it bundles, and what it bundles anew', async () => {
    await withScene(async ({ home, begin: run, write }) => {
      await write('counter.js', counter());
      const start = run('start', '.', '--port', '0');
      const url = String((await start.next('serving'))['url']);
      await start.next('watching');
      const served = async (): Promise<string> =>
        (await fetch(`${url}/counter.bundle`)).text();
      expect(await served()).not.toContain('twice');
      await write('counter.js', counter(twice));
      await start.next('bundled');
      expect(await served()).toContain('twice');
      expect(await start.stop()).toBe(0);
      expect(home.daemonPid()).toBeUndefined();
    });
  });

  it('ends if it cannot serve', async () => {
    await withScene(async ({ cwd, home, begin: run, write }) => {
      await write('counter.js', counter());
      const start = run('start', '.', '--port', '0');
      const port = String((await start.next('serving'))['port']);
      const words = ['start', '.', '--port', port];
      const { code, stderr } = await home.ocap(words, { cwd });
      expect(code).not.toBe(0);
      expect(stderr).toContain('is taken');
    });
  });
});
