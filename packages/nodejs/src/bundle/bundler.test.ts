import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@ocap/kernel-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gone, isAlive } from '../../../../test/support/processes.ts';
import { builtFile } from '../built-file.ts';
import { makeBundler, type Bundler } from './bundler.ts';

let folder: string;
let path: string;
let pids: number[];
let bundler: Bundler;

const logger: Logger = {
  debug: (message, fields) => {
    if (message === 'a bundler was started') {
      pids.push((fields as { pid: number }).pid);
    }
  },
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-bundler-test-'));
  path = join(folder, 'vat.js');
  writeFileSync(path, 'export const buildRootObject = () => 1;\n');
  pids = [];
  bundler = makeBundler(logger);
});
afterEach(async () => {
  await bundler.close();
  rmSync(folder, { recursive: true, force: true });
});

const moduleFormatOf = (text: string): unknown =>
  (JSON.parse(text) as { moduleFormat: unknown }).moduleFormat;

describe('the bundler', () => {
  it('bundles many sources in one process', async () => {
    const paths = ['a.js', 'b.js', 'c.js'].map((name) => join(folder, name));
    for (const each of paths) {
      writeFileSync(each, 'export const buildRootObject = () => 1;\n');
    }
    const texts = await Promise.all(paths.map(bundler.bundle));
    expect(texts.map(moduleFormatOf)).toStrictEqual(['iife', 'iife', 'iife']);
    await bundler.bundle(path);
    expect(pids).toHaveLength(1);
  });

  it('ends when nothing came for a while, and starts again when asked', async () => {
    const brief = makeBundler(logger, { idleMs: 10 });
    try {
      await brief.bundle(path);
      await gone(pids[0] ?? 0);
      expect(moduleFormatOf(await brief.bundle(path))).toBe('iife');
      expect(pids).toHaveLength(2);
    } finally {
      await brief.close();
    }
  });

  it('rejects what waits when its process dies, and starts another', async () => {
    const bundling = bundler.bundle(path);
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await expect(bundling).rejects.toThrow(
      'the bundler was lost: it ended with SIGKILL',
    );
    expect(moduleFormatOf(await bundler.bundle(path))).toBe('iife');
    expect(pids).toHaveLength(2);
  });

  it('rejects what waits when it is closed, and what comes after', async () => {
    const bundling = bundler.bundle(path);
    const lost = expect(bundling).rejects.toThrow('shutting down');
    await bundler.close();
    await lost;
    expect(isAlive(pids[0] ?? 0)).toBe(false);
    await expect(bundler.bundle(path)).rejects.toThrow('shutting down');
    expect(pids).toHaveLength(1);
  });

  it('goes when the daemon goes: its stdin ends', async () => {
    const child = spawn(process.execPath, [builtFile('bundler.mjs')], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      child.stdin.end();
      const [code] = (await once(child, 'exit')) as [number];
      expect(code).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
