/** Which process is meant, and above all which is not (P-47). */
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTempHome } from './fixtures/temp-home.ts';
import { findDaemon, removePidFile, writePidFile } from './pid-file.ts';

describe('the pid file', () => {
  it('names this very process, and only by its pid', () => {
    const paths = makeTempHome();
    writePidFile(paths);
    expect(readFileSync(paths.pidPath, 'utf8')).toBe(`${process.pid}\n`);
    expect(statSync(paths.pidPath).mode & 0o777).toBe(0o600);
    expect(findDaemon(paths)?.pid).toBe(process.pid);
  });

  it('leaves nothing behind when it is removed', () => {
    const paths = makeTempHome();
    removePidFile(paths);
    writePidFile(paths);
    removePidFile(paths);
    expect(readdirSync(paths.home)).toStrictEqual([]);
  });

  it('leaves no half of itself where it cannot be written', () => {
    const paths = makeTempHome();
    mkdirSync(paths.pidPath);
    expect(() => writePidFile(paths)).toThrow();
    const half = basename(`${paths.pidPath}.${process.pid}`);
    expect(readdirSync(paths.home)).not.toContain(half);
  });

  it.each<[string, string, string | undefined]>([
    ['no start', `${process.pid}`, undefined],
    [
      'another start',
      `${process.pid}`,
      JSON.stringify({ pid: process.pid, startedAt: 'some boot 123' }),
    ],
    [
      'another pid',
      `${process.ppid}`,
      JSON.stringify({ pid: process.pid, startedAt: 'x' }),
    ],
    ['a start that is no JSON', `${process.pid}`, '{'],
    ['nonsense', 'abc', '{"pid":null,"startedAt":"x"}'],
    [
      'a process that is gone',
      '999999999',
      '{"pid":999999999,"startedAt":"x"}',
    ],
    ['nothing', '', '7'],
  ])('with %s means nobody', (_name, pid, start) => {
    const paths = makeTempHome();
    writeFileSync(paths.pidPath, pid);
    if (start !== undefined) writeFileSync(paths.startPath, start);
    expect(findDaemon(paths)).toBeUndefined();
  });
});
