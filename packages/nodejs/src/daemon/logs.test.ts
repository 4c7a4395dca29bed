/** The log as a file: JSON lines, levels, size, and a disk that is full. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeTempHome } from './fixtures/temp-home.ts';
import { openLogFile } from './log-file.ts';
import { makeLogger } from './logs.ts';

const linesOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the log', () => {
  it('holds a JSON line for each report, with its fields', () => {
    const { logPath } = makeTempHome();
    const logger = makeLogger({ path: logPath });
    logger.info('hello %s', { vat: 'v1' });
    logger.error('bad', {
      err: new Error('why', { cause: new TypeError('x') }),
    });
    expect(linesOf(logPath)).toMatchObject([
      { level: 'info', msg: 'hello %s', vat: 'v1' },
      {
        level: 'error',
        msg: 'bad',
        err: {
          message: 'why',
          stack: expect.stringContaining('logs.test'),
          cause: { name: 'TypeError' },
        },
      },
    ]);
    expect(linesOf(logPath)[0]?.['time']).toMatch(/^\d{4}-/u);
    expect(statSync(logPath).mode & 0o777).toBe(0o600);
    logger.close();
  });

  it('has a level, which can be changed at run time', () => {
    const { logPath } = makeTempHome();
    const logger = makeLogger({ path: logPath, level: 'warn' });
    logger.info('not this');
    logger.warn('this');
    logger.setLevel('debug');
    logger.debug('and this');
    expect(linesOf(logPath).map(({ msg }) => msg)).toStrictEqual([
      'this',
      'and this',
    ]);
    logger.close();
  });

  it('begins anew when it is full, and keeps a few old files', () => {
    const { home, logPath } = makeTempHome();
    const file = openLogFile(logPath, { maxBytes: 20, oldFiles: 2 });
    for (let n = 0; n < 10; n += 1) file.write(`line ${n}: ten\n`);
    file.close();
    expect(readdirSync(home).sort()).toStrictEqual([
      'daemon.log',
      'daemon.log.1',
      'daemon.log.2',
    ]);
    expect(readFileSync(`${logPath}.1`, 'utf8')).toBe('line 8: ten\n');
    expect(readFileSync(logPath, 'utf8')).toBe('line 9: ten\n');
  });

  it('goes on where an earlier process ended', () => {
    const { logPath } = makeTempHome();
    for (const text of ['a\n', 'b\n']) {
      const file = openLogFile(logPath);
      file.write(text);
      file.close();
    }
    expect(readFileSync(logPath, 'utf8')).toBe('a\nb\n');
  });

  it('survives what cannot be written, and says so later', () => {
    const { logPath } = makeTempHome();
    mkdirSync(logPath);
    const file = openLogFile(logPath);
    file.write('lost\n');
    file.write('lost, too\n');
    rmdirSync(logPath);
    file.write('found\n');
    file.close();
    expect(readFileSync(logPath, 'utf8')).toMatch(/2 log lines.*\nfound\n/u);
  });

  it('is at most 50 MB in five files (P-46)', () => {
    const { home, logPath } = makeTempHome();
    const file = openLogFile(logPath);
    const line = `${'x'.repeat(1e6)}\n`;
    for (let megabytes = 0; megabytes < 70; megabytes += 1) file.write(line);
    file.close();
    const names = readdirSync(home);
    const sizes = names.map((name) => statSync(join(home, name)).size);
    expect(names).toHaveLength(5);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(50e6);
  });

  it.runIf(process.platform === 'linux')(
    'begins anew where files may not grow larger, with whole lines and without losing any',
    () => {
      const { home, logPath } = makeTempHome();
      const module = fileURLToPath(new URL('log-file.ts', import.meta.url));
      const code = `
        import { openLogFile } from ${JSON.stringify(module)};
        const file = openLogFile(${JSON.stringify(logPath)});
        for (let n = 0; n < 10; n += 1) file.write('{"msg":"' + n + 'x'.repeat(300) + '"}\\n');
        file.close();`;
      execFileSync('/bin/sh', [
        ...['-c', 'ulimit -f 2 && exec "$@"', 'sh', process.execPath],
        ...['--input-type=module', '-e', code],
      ]);
      const messages = readdirSync(home)
        .filter((name) => name.startsWith('daemon.log'))
        .flatMap((name) => linesOf(join(home, name)).map(({ msg }) => msg));
      expect(messages.sort()).toStrictEqual(
        Array.from({ length: 10 }, (_, n) => `${n}${'x'.repeat(300)}`),
      );
    },
  );

  it.runIf(existsSync('/dev/full'))('survives a full disk', () => {
    const file = openLogFile('/dev/full');
    file.write('x\n');
    file.close();
    expect(existsSync(join('/dev', 'full.1'))).toBe(false);
  });
});
