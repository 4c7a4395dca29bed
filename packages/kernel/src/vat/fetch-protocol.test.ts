import { describe, expect, it } from 'vitest';
import { fetchRequestBytes, isFetchRequest } from './fetch-protocol.ts';

const good = {
  id: 1,
  url: 'https://a.example/',
  method: 'POST',
  headers: [['x-a', 'b']],
  body: 'YWI=',
  redirect: 'follow',
};

describe('a request as a host sends it', () => {
  it.each([
    ['with a body', {}],
    ['without one', { body: null }],
    ['with an empty one', { body: '' }],
    ['with a large one', { body: 'A'.repeat(20_000_000) }],
    ['of its own method', { method: 'PROPFIND' }],
    ['with a header beyond ASCII', { headers: [['a', 'ü']] }],
  ])('passes %s', (_, change) => {
    expect(isFetchRequest({ ...good, ...change })).toBe(true);
  });

  const refused: [string, unknown][] = [
    ['nothing', null],
    ['text', 'GET /'],
    ['a list', [good]],
    ...[0, -1, 1.5, '1', null, 2 ** 53].map((id): [string, unknown] => [
      `the id ${id}`,
      { ...good, id },
    ]),
    ['no URL', { ...good, url: undefined }],
    ['an object for a URL', { ...good, url: { href: good.url } }],
    ['no method', { ...good, method: '' }],
    ['a method of two lines', { ...good, method: 'GET\r\nx: y' }],
    ['no headers', { ...good, headers: undefined }],
    ['a record of headers', { ...good, headers: { a: 'b' } }],
    ['half a header', { ...good, headers: [['a']] }],
    ['a header of three', { ...good, headers: [['a', 'b', 'c']] }],
    ['a header of no text', { ...good, headers: [['a', 1]] }],
    ['a header name that is none', { ...good, headers: [['a b', 'c']] }],
    ['a header of two lines', { ...good, headers: [['a', 'b\nc: d']] }],
    ['a header beyond bytes', { ...good, headers: [['a', '\u0100']] }],
    ['no body at all', { ...good, body: undefined }],
    ['a body of numbers', { ...good, body: [1, 2] }],
    ['a body that is not base64', { ...good, body: 'a!bc' }],
    ['a body that is cut off', { ...good, body: 'YWI' }],
    ['a body with a break', { ...good, body: 'YWI=\n' }],
    ['an unknown redirect', { ...good, redirect: 'always' }],
    ['no redirect', { ...good, redirect: undefined }],
  ];
  it.each(refused)('does not pass as %s', (_, request) => {
    expect(isFetchRequest(request)).toBe(false);
  });

  it.each([
    [null, 0],
    ['', 0],
    ['YQ==', 1],
    ['YWI=', 2],
    ['YWJj', 3],
  ])('counts URL, headers and the bytes of its body %j', (body, bytes) => {
    const request: unknown = { ...good, body };
    expect(isFetchRequest(request) && fetchRequestBytes(request)).toBe(
      18 + 4 + bytes,
    );
  });
});
