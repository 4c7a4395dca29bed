import { describe, expect, it } from 'vitest';
import { AbortController } from './vat-abort.ts';
import { Request, wireForm } from './vat-request.ts';

const url = 'https://a.example/';
const post = (body: unknown, headers: unknown = {}): Request =>
  new Request(url, { method: 'POST', body, headers });

describe('a Request', () => {
  it('is a GET of its URL unless told otherwise', () => {
    const request = new Request(new URL('/p?q#h', url));
    expect(request).toMatchObject({
      url: 'https://a.example/p?q#h',
      method: 'GET',
      redirect: 'follow',
      signal: null,
      bodyUsed: false,
    });
    expect(wireForm(request, 7)).toStrictEqual({
      id: 7,
      url: 'https://a.example/p?q#h',
      method: 'GET',
      headers: [],
      body: null,
      redirect: 'follow',
    });
  });

  it.each([
    ['text', 'grüß', 'Z3LDvMOf', 'text/plain;charset=UTF-8'],
    ['bytes', new Uint8Array([1, 2, 255]), 'AQL/', null],
    [
      'a view of bytes',
      new Uint8Array([0, 1, 2, 255, 0]).subarray(1, 4),
      'AQL/',
      null,
    ],
    ['a view of words', new Uint16Array([0xff00]), 'AP8=', null],
    ['a buffer', new Uint8Array([1, 2, 255]).buffer, 'AQL/', null],
    [
      'a query',
      new URLSearchParams({ a: 'b c' }),
      'YT1iK2M=',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    ['nothing', null, null, null],
    ['empty text', '', '', 'text/plain;charset=UTF-8'],
  ])('carries %s', (_, body, base64, type) => {
    const request = post(body);
    expect(request.headers.get('content-type')).toBe(type);
    expect(wireForm(request, 1).body).toBe(base64);
  });

  it('keeps the content type that it was given', () => {
    const headers = { 'Content-Type': 'application/json' };
    expect(post('{}', headers).headers.get('content-type')).toBe(
      'application/json',
    );
  });

  it('does not change with what it was made of', async () => {
    const bytes = new Uint8Array([65]);
    const headers = { a: '1' };
    const request = post(bytes, headers);
    bytes[0] = 66;
    headers.a = '2';
    expect(await request.text()).toBe('A');
    expect(request.headers.get('a')).toBe('1');
  });

  it.each([
    ['post', 'POST'],
    ['gEt', 'GET'],
    ['delete', 'DELETE'],
    ['patch', 'patch'],
    ['PROPFIND', 'PROPFIND'],
  ])('has the method %s as %s', (method, known) => {
    expect(new Request(url, { method }).method).toBe(known);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no URL', () => new Request('a b'), /"a b" is not a URL/u],
    ['a relative URL', () => new Request('/p'), /is not a URL/u],
    ['a password', () => new Request('https://me:pw@a.example'), /password/u],
    ['CONNECT', () => new Request(url, { method: 'connect' }), /not a method/u],
    ['TRACE', () => new Request(url, { method: 'TRACE' }), /not a method/u],
    ['no method', () => new Request(url, { method: 'a b' }), /not a method/u],
    [
      'a GET with a body',
      () => new Request(url, { body: 'x' }),
      /GET request cannot have a body/u,
    ],
    [
      'a HEAD with a body',
      () => new Request(url, { method: 'HEAD', body: '' }),
      /HEAD request cannot/u,
    ],
    ['an object for a body', () => post({}), /a body is a string/u],
    ['a number for a body', () => post(5), /a body is a string/u],
    [
      'an unknown redirect',
      () => new Request(url, { redirect: 'x' }),
      /redirect is/u,
    ],
    [
      'a made-up signal',
      () => new Request(url, { signal: { aborted: false } }),
      /signal of an AbortController/u,
    ],
  ])('is not made of %s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(TypeError);
  });

  it('can be made of another, whose body it takes', async () => {
    const { signal } = new AbortController();
    const first = new Request(url, {
      method: 'POST',
      headers: { a: '1' },
      body: 'x',
      redirect: 'error',
      signal,
    });
    const second = new Request(first, { headers: { b: '2' } });
    expect(second).toMatchObject({
      url,
      method: 'POST',
      redirect: 'error',
      signal,
    });
    expect([...second.headers]).toStrictEqual([['b', '2']]);
    expect(first.bodyUsed).toBe(true);
    expect(await second.text()).toBe('x');
    expect(() => new Request(first)).toThrow(/already read/u);
    expect(new Request(first, { signal: null, body: 'y' }).signal).toBeNull();
  });

  it('has a clone with a body of its own', async () => {
    const request = post('x');
    const clone = request.clone();
    expect(await request.text()).toBe('x');
    expect(await clone.text()).toBe('x');
    expect(() => request.clone()).toThrow(/already read/u);
  });
});
