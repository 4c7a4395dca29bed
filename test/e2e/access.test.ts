/**
 * Access to a part of a daemon, as a file: given, used, listed and ended with the
 * real command line, and what whoever has one tries beyond it.
 */
import {
  chmodSync,
  existsSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeClient } from '@ocap/nodejs/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { openHome, type Home } from '../support/home.ts';
import type { Run } from '../support/run.ts';

const bundleSpec = vatSource(`return makeDefaultExo('Bank', {
  hi: (...rest) => harden(['hi', rest.length]), open: () => makeDefaultExo('Purse', {}), echo: (x) => x });`);

let home: Home;
let roots: string[];
const fileOf = (name: string): string => join(home.dir, `${name}.ocap`);
const tokens: string[] = [];

/** With `--json`, so that errors have codes. */
const ocap = async (...words: string[]): Promise<Run> =>
  home.ocap(['--json', ...words]);
const codeOf = ({ code, stderr }: Run): string => {
  expect(code, stderr).not.toBe(0);
  const { error } = JSON.parse(stderr) as {
    error: { code: unknown; data?: { code?: string } };
  };
  return error.data?.code ?? String(error.code);
};
const failure = async (...words: string[]): Promise<string> =>
  codeOf(await ocap(...words));

const grant = async (
  what: string,
  name: string,
  ...rest: string[]
): Promise<Record<string, unknown>> => {
  const out = ['--out', fileOf(name)];
  const granted = await home.json(['daemon', 'grant', what, ...out, ...rest]);
  tokens.push(capOf(name).token);
  return granted as Record<string, unknown>;
};

type Cap = Readonly<{ token: string; socket: string }>;
const capOf = (name: string): Cap =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as Cap;

beforeAll(async () => {
  home = await openHome();
  const config = JSON.stringify({
    config: { bootstrap: 'main', vats: { main: { bundleSpec } } },
  });
  roots = [];
  for (const name of ['bank', 'other']) {
    const { rootKref } = (await home.json([
      'daemon',
      'exec',
      'launchSubcluster',
      config,
    ])) as { rootKref: string };
    await home.json(['names', 'set', name, rootKref]);
    roots.push(rootKref);
  }
});
afterAll(async () => home.close());

describe('ocap daemon grant', () => {
  it('writes a file for its owner only, and shows no token', async () => {
    const granted = await grant('bank', 'bank', '--ttl', '2h', '--as', 'agent');
    expect(granted).toStrictEqual({
      id: 'a1',
      facet: { kind: 'object', ref: roots[0], petname: 'bank' },
      name: 'agent',
      issued: expect.any(Number),
      expires: expect.any(Number),
      file: fileOf('bank'),
    });
    expect(statSync(fileOf('bank')).mode & 0o777).toBe(0o600);
    expect(capOf('bank')).toStrictEqual({
      ocap: 1,
      home: home.dir,
      socket: home.socketPath,
      id: 'a1',
      facet: granted['facet'],
      name: 'agent',
      expires: new Date(Number(granted['expires'])).toISOString(),
      token: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
  });

  it('overwrites nothing, follows no link, and leaves nothing where it fails', async () => {
    const before = readFileSync(fileOf('bank'));
    const target = join(home.dir, 'target');
    symlinkSync(target, fileOf('link'));
    for (const name of ['bank', 'link']) {
      const out = ['--out', fileOf(name)];
      expect(await failure('daemon', 'grant', 'other', ...out)).toBe(
        'FILE_EXISTS',
      );
    }
    expect(readFileSync(fileOf('bank'))).toStrictEqual(before);
    expect(existsSync(target)).toBe(false);
    const out = ['--out', fileOf('nobody')];
    expect(await failure('daemon', 'grant', 'nobody', ...out)).toBe(
      'NAME_UNKNOWN',
    );
    expect(existsSync(fileOf('nobody'))).toBe(false);
    expect(await home.json(['daemon', 'grants'])).toHaveLength(1);
  });
});

describe('--cap with access to an object', () => {
  const cap = (): string[] => ['--cap', fileOf('bank')];

  it('calls and describes it, by any of its names', async () => {
    for (const target of ['bank', 'agent', roots[0] ?? '']) {
      expect(await home.json(['call', target, 'hi', ...cap()])).toStrictEqual([
        'hi',
        0,
      ]);
    }
    expect(await home.json(['describe', 'agent', ...cap()])).toMatchObject({
      kref: roots[0],
      names: ['agent', 'bank'],
      interface: 'Bank',
    });
  });

  it('reaches nothing else', async () => {
    const [purse] = (await home
      .json(['daemon', 'queueMessage', 'bank', 'open'])
      .then((data) => (data as { slots: string[] }).slots)) as [string];
    for (const target of ['other', roots[1] ?? '', purse, '__proto__'])
      expect(await failure('call', target, 'hi', ...cap()), target).toBe(
        'REF_NOT_HELD',
      );
    expect(await failure('call', 'bank', 'echo', '@other', ...cap())).toBe(
      'REF_NOT_HELD',
    );
    expect(await failure('ps', ...cap())).toBe('NOT_PERMITTED');
    expect(await failure('terminate', 's1', ...cap())).toBe('NOT_PERMITTED');
    expect(await failure('daemon', 'exec', 'shutdown', ...cap())).toBe(
      'NOT_PERMITTED',
    );
    expect(await failure('daemon', 'exec', '__proto__', ...cap())).toBe(
      '-32601',
    );
    const document = JSON.stringify(
      await home.json(['daemon', 'exec', 'rpc.discover', ...cap()]),
    );
    expect(document).toContain('"queueMessage"');
    expect(document).not.toMatch(/executeDBQuery|shutdown|grantAccess/u);
    // What is more than to ask the daemon takes none.
    for (const words of [['daemon', 'stop'], ['launch', 'x.js'], ['names']])
      expect(await failure(...words, ...cap())).toBe('OPTION_WRONG');
    expect(await failure('call', 'bank', 'open', '--as', 'x', ...cap())).toBe(
      'OPTION_WRONG',
    );
  });

  it('is refused with a file that others can read, or that is none, and shows nothing of it', async () => {
    const { token } = capOf('bank');
    const text = readFileSync(fileOf('bank'), 'utf8');
    const wrong = token.replace(/^./u, (digit) => (digit === '0' ? '1' : '0'));
    for (const [content, mode, code] of [
      [text.replace(token, wrong), 0o600, 'ACCESS_UNKNOWN'],
      [text, 0o644, 'CAP_UNUSABLE'],
      [`${token} {`, 0o600, 'CAP_UNUSABLE'],
      [JSON.stringify(token), 0o600, 'CAP_UNUSABLE'],
      [text.replace('"ocap": 1', '"ocap": 2'), 0o600, 'CAP_UNUSABLE'],
    ] as const) {
      writeFileSync(fileOf('changed'), content);
      chmodSync(fileOf('changed'), mode);
      const run = await ocap('call', 'bank', 'hi', '--cap', fileOf('changed'));
      expect(codeOf(run), content).toBe(code);
      expect(run.stdout + run.stderr).not.toMatch(
        new RegExp(`${token}|${wrong}`, 'u'),
      );
    }
  });
});

describe('--cap with access to more', () => {
  it('to the status, shows it', async () => {
    await grant('status', 'monitor');
    const cap = ['--cap', fileOf('monitor')];
    expect(await home.json(['ps', ...cap])).toMatchObject({
      vats: [{ id: 'v1', config: {} }, { id: 'v2' }],
    });
    expect(await home.json(['daemon', 'status', ...cap])).toMatchObject({
      status: 'running',
      vats: 2,
    });
    expect(await failure('call', 'bank', 'hi', ...cap)).toBe('NOT_PERMITTED');
  });

  it('to a subcluster, ends that one only', async () => {
    await grant('s2', 'ops');
    const cap = ['--cap', fileOf('ops')];
    expect(await failure('terminate', 's1', ...cap)).toBe('SUBCLUSTER_UNKNOWN');
    expect(await failure('terminate', 'v1', ...cap)).toBe('VAT_UNKNOWN');
    expect(await home.json(['terminate', 's2', ...cap])).toMatchObject({
      terminated: 's2',
    });
    expect(await home.json(['ps'])).toMatchObject({ vats: [{ id: 'v1' }] });
  });
});

describe('an access', () => {
  it('ends at its time and when it is revoked, also on a connection that is open', async () => {
    await grant('bank', 'short', '--ttl', '2s');
    const client = makeClient({
      socketPath: home.socketPath,
      token: capOf('bank').token,
    });
    try {
      const hi = async (): Promise<unknown> =>
        client.call('queueMessage', ['bank', 'hi', []]);
      expect(await hi()).toHaveProperty('body');
      const { stdout } = await ocap('revoke', 'a1');
      expect(JSON.parse(stdout)).toStrictEqual({ revoked: ['a1'] });
      await expect(hi()).rejects.toMatchObject({
        data: { code: 'ACCESS_ENDED', kind: 'revoked' },
      });
    } finally {
      client.close();
    }
    await delay(2000);
    for (const name of ['bank', 'short'])
      expect(await failure('call', 'bank', 'hi', '--cap', fileOf(name))).toBe(
        'ACCESS_ENDED',
      );
    const live = await home.json(['daemon', 'grants']);
    expect(live).toMatchObject([{ id: 'a2' }, { id: 'a3' }]);
    expect(await home.json(['daemon', 'grants', '--all'])).toMatchObject([
      { id: 'a1', name: 'agent', ended: 'it was revoked' },
      { id: 'a2', facet: { kind: 'status' } },
      { id: 'a3', facet: { kind: 'subcluster', subclusterId: 's2' } },
      { id: 'a4', ended: 'its time was over' },
    ]);
    expect(await home.call('bank', 'hi')).toStrictEqual(['hi', 0]);
  });

  it('is nowhere but in its file, and starts no daemon', async () => {
    expect(await ocap('daemon', 'stop')).toMatchObject({ code: 0 });
    const cap = ['--cap', fileOf('monitor')];
    expect(await failure('ps', ...cap)).toMatch(/^ENOENT|ECONNREFUSED$/u);
    expect(home.daemonPid()).toBeUndefined();
    const kept = [home.logPath, home.databasePath].map((path) =>
      readFileSync(path, 'latin1'),
    );
    expect(tokens).toHaveLength(4);
    for (const token of tokens) expect(kept.join()).not.toContain(token);
  });
});
