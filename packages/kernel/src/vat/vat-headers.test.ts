import { describe, expect, it } from 'vitest';
import { Headers } from './vat-headers.ts';

describe('Headers', () => {
  it.each([
    ['a record', { 'X-B': '2', 'x-a': 1 }],
    [
      'pairs',
      [
        ['x-a', '1'],
        ['X-B', '2'],
      ],
    ],
    [
      'a Map',
      new Map([
        ['x-a', '1'],
        ['x-b', '2'],
      ]),
    ],
    ['Headers', new Headers({ 'x-a': '1', 'x-b': '2' })],
  ])('are made of %s', (_, init) => {
    expect([...new Headers(init)]).toStrictEqual([
      ['x-a', '1'],
      ['x-b', '2'],
    ]);
  });

  it('do not mind the case of names', () => {
    const headers = new Headers({ 'Content-Type': 'text/plain' });
    expect(headers.get('CONTENT-TYPE')).toBe('text/plain');
    expect(headers.has('content-type')).toBe(true);
    headers.set('content-TYPE', 'text/html');
    expect([...headers]).toStrictEqual([['content-type', 'text/html']]);
    headers.delete('Content-type');
    expect(headers.has('content-type')).toBe(false);
    expect(headers.get('content-type')).toBeNull();
  });

  it('join what was appended, but not cookies', () => {
    const headers = new Headers([
      ['accept', 'a'],
      ['set-cookie', 'x=1, y'],
      ['Accept', 'b'],
      ['Set-Cookie', 'z=2'],
    ]);
    expect(headers.get('accept')).toBe('a, b');
    expect(headers.getSetCookie()).toStrictEqual(['x=1, y', 'z=2']);
    expect([...headers]).toStrictEqual([
      ['accept', 'a, b'],
      ['set-cookie', 'x=1, y'],
      ['set-cookie', 'z=2'],
    ]);
  });

  it('are walked through in the order of their names', () => {
    const headers = new Headers({ b: '2', a: '1', c: '3' });
    expect([...headers.keys()]).toStrictEqual(['a', 'b', 'c']);
    expect([...headers.values()]).toStrictEqual(['1', '2', '3']);
    expect([...headers.entries()]).toStrictEqual([...headers]);
    const seen: unknown[] = [];
    headers.forEach(function (this: unknown, ...args) {
      seen.push([this, ...args]);
    }, 'me');
    expect(seen[0]).toStrictEqual(['me', '1', 'a', headers]);
    expect(seen).toHaveLength(3);
  });

  it('are copied, not shared', () => {
    const first = new Headers({ a: '1' });
    const second = new Headers(first);
    second.set('a', '2');
    expect(first.get('a')).toBe('1');
  });

  it.each(['', 'a b', 'a:b', 'a\n', 'ü', 'a\0', '(a)'])(
    'refuse the name %j',
    (name) => {
      const headers = new Headers();
      const uses = [
        () => headers.set(name, ''),
        () => headers.append(name, ''),
        () => headers.get(name),
        () => headers.has(name),
        () => headers.delete(name),
        () => new Headers({ [name]: '' }),
      ];
      for (const use of uses) {
        expect(use).toThrow(/cannot be the name of a header/u);
      }
    },
  );

  it.each(['a\r\nx-evil: 1', 'a\nb', 'a\rb', 'a\0b', 'a\u0100', '😀'])(
    'refuse the value %j',
    (value) => {
      expect(() => new Headers({ a: value })).toThrow(
        /cannot be the value of a header/u,
      );
    },
  );

  it.each([
    ['  a b\t', 'a b'],
    ['\r\na\r\n', 'a'],
    ['', ''],
    ['ü', 'ü'],
    [5, '5'],
  ])('take the value %j as %j', (value, taken) => {
    expect(new Headers({ a: value }).get('a')).toBe(taken);
  });

  it.each([['text'], [5], [null], [[['a']]], [[['a', 'b', 'c']]]])(
    'are not made of %j',
    (init) => {
      expect(() => new Headers(init)).toThrow(TypeError);
    },
  );
});
