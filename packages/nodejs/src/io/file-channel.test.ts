import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { IoChannel } from '@ocap/kernel';
import { limitValues, type LimitValues } from '@ocap/kernel-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makePipe, tempFolder } from '../testing/temp-folder.ts';
import { openFileChannel } from './file-channel.ts';

const open = async (
  path: string,
  access: 'read' | 'write' | 'append',
  {
    fresh = true,
    limits = {},
  }: Readonly<{ fresh?: boolean; limits?: Partial<LimitValues> }> = {},
): Promise<Required<Pick<IoChannel, 'read' | 'write' | 'close'>>> => {
  const file = { path, shown: 'the-file', access };
  const channel = await openFileChannel(file, {
    fresh,
    limits: limitValues(limits),
  });
  onTestFinished(async () => channel.close());
  return channel as Required<Pick<IoChannel, 'read' | 'write' | 'close'>>;
};

const readAll = async (path: string): Promise<unknown[]> => {
  const { read } = await open(path, 'read');
  const lines: unknown[] = [];
  for (let line = await read(); line !== null; line = await read()) {
    lines.push(line);
  }
  return lines;
};

describe('a file channel', () => {
  it.each<[string, string, string[]]>([
    ['lines', 'a\nb\n', ['a', 'b']],
    ['a last line without its end', 'a\nb', ['a', 'b']],
    ['empty lines', '\n\na\n\n', ['', '', 'a', '']],
    ['lines that end with CR LF', 'a\r\nb\r\n', ['a', 'b']],
    ['nothing', '', []],
    ['characters of several bytes', 'ä€😀\n', ['ä€😀']],
  ])('reads %s, and then null', async (_, text, lines) => {
    const path = join(tempFolder(), 'x');
    writeFileSync(path, text);
    expect(await readAll(path)).toStrictEqual(lines);
  });

  it('reads lines that are longer than what it reads at a time, in their order', async () => {
    const path = join(tempFolder(), 'x');
    const lines = Array.from({ length: 50 }, (_, at) => `${at}-`.repeat(5000));
    writeFileSync(path, `${lines.join('\n')}\n`);
    expect(await readAll(path)).toStrictEqual(lines);
  });

  it('goes on where a file that has grown had ended', async () => {
    const path = join(tempFolder(), 'x');
    writeFileSync(path, 'a\n');
    const { read } = await open(path, 'read');
    expect([await read(), await read(), await read()]).toStrictEqual([
      'a',
      null,
      null,
    ]);
    appendFileSync(path, 'b\n');
    expect([await read(), await read()]).toStrictEqual(['b', null]);
  });

  it('reads lines of so many bytes and no more; what came before is not lost', async () => {
    const path = join(tempFolder(), 'x');
    writeFileSync(path, '12345678\n123456789\nx\n');
    const { read } = await open(path, 'read', { limits: { ioLineBytes: 8 } });
    expect(await read()).toBe('12345678');
    await expect(read()).rejects.toThrow(/ioLineBytes was reached/u);
    await expect(read()).rejects.toThrow(/ioLineBytes was reached/u);
  });

  it('does not read what is not text', async () => {
    const path = join(tempFolder(), 'x');
    writeFileSync(path, Buffer.from([0x61, 10, 0xff, 10]));
    const { read } = await open(path, 'read');
    expect(await read()).toBe('a');
    await expect(read()).rejects.toThrow(/not UTF-8/u);
  });

  it('begins an empty file at the launch, and adds to it after a restart', async () => {
    const path = join(tempFolder(), 'x');
    writeFileSync(path, 'before\n');
    const first = await open(path, 'write');
    await Promise.all([first.write('1'), first.write('2\n3'), first.write('')]);
    expect(readFileSync(path, 'utf8')).toBe('1\n2\n3\n\n');
    const second = await open(path, 'write', { fresh: false });
    await second.write('4');
    expect(readFileSync(path, 'utf8')).toBe('1\n2\n3\n\n4\n');
    expect(statSync(path).mode & 0o777).toBe(
      0o600 | (statSync(path).mode & 0o77),
    );
  });

  it('adds to what is there if it appends, and makes a private file anew if it was moved away', async () => {
    const path = join(tempFolder(), 'x');
    const { write } = await open(path, 'append');
    await write('1');
    renameSync(path, `${path}.old`);
    await write('2');
    expect(readFileSync(`${path}.old`, 'utf8')).toBe('1\n');
    expect(readFileSync(path, 'utf8')).toBe('2\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('reads or writes, as it was asked for', async () => {
    const path = join(tempFolder(), 'x');
    writeFileSync(path, '');
    expect(Object.keys(await open(path, 'read'))).toStrictEqual([
      'read',
      'close',
    ]);
    expect(Object.keys(await open(path, 'append'))).toStrictEqual([
      'write',
      'close',
    ]);
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ['that is not there', () => undefined, /^the-file does not exist$/u],
    [
      'that is a folder',
      (path) => mkdirSync(path),
      /^the-file is (?:not an ordinary file|a folder)$/u,
    ],
    [
      'that is a pipe, for which it does not wait',
      (path) => makePipe(path),
      /^the-file is not an ordinary file$/u,
    ],
  ])('refuses one %s', async (title, make, problem) => {
    const path = join(tempFolder(), 'x');
    make(path);
    await expect(open(path, 'read')).rejects.toThrow(problem);
    if (!title.includes('not there')) {
      await expect(open(path, 'write')).rejects.toThrow(problem);
    }
  });

  it('refuses devices, which have no end', async () => {
    await expect(open('/dev/zero', 'read')).rejects.toThrow(
      /not an ordinary file/u,
    );
    await expect(open('/dev/null', 'write')).rejects.toThrow(
      /not an ordinary file/u,
    );
  });
});
