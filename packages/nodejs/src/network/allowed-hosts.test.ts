import '../daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { makeAllowedHosts } from './allowed-hosts.ts';

const allows = (list: readonly string[], url: string): boolean =>
  makeAllowedHosts(list).allowsUrl(new URL(url));

describe('a URL', () => {
  it.each([
    ['example.com', 'http://example.com/'],
    ['example.com', 'https://example.com/a?b#c'],
    ['example.com', 'https://EXAMPLE.com:443/'],
    ['example.com', 'http://example.com:80/'],
    ['example.com:8080', 'http://example.com:8080/'],
    ['example.com:8080', 'https://example.com:8080/'],
    ['example.com:443', 'https://example.com/'],
    ['example.com:80', 'http://example.com/'],
    ['*.example.com', 'https://a.example.com/'],
    ['*.example.com', 'https://a.b.example.com/'],
    ['*.example.com:81', 'http://a.example.com:81/'],
    ['127.0.0.1:80', 'http://0x7f000001/'],
    ['[::1]:80', 'http://[0::1]/'],
  ])('%s lets through %s', (entry, url) => {
    expect(allows(['other.example', entry], url)).toBe(true);
  });

  it.each([
    ['example.com', 'http://example.com:8080/'],
    ['example.com', 'https://example.com:80/'],
    ['example.com', 'http://example.com:443/'],
    ['example.com:443', 'http://example.com/'],
    ['example.com', 'http://a.example.com/'],
    ['example.com', 'http://example.com.evil.example/'],
    ['example.com', 'http://evil-example.com/'],
    ['example.com', 'http://example.com./'],
    ['example.com', 'http://example.com@evil.example/'],
    ['example.com', 'ftp://example.com/'],
    ['example.com', 'file://example.com/etc/passwd'],
    ['example.com', 'ws://example.com/'],
    ['*.example.com', 'http://example.com/'],
    ['*.example.com', 'http://evilexample.com/'],
    ['*.example.com', 'http://a.example.com:81/'],
    ['127.0.0.1', 'http://localhost/'],
    ['localhost', 'http://127.0.0.1/'],
    ['localhost', 'http://a.localhost/'],
    ['0.0.0.0', 'http://127.0.0.1/'],
  ])('%s does not let through %s', (entry, url) => {
    expect(allows([entry], url)).toBe(false);
  });

  it('passes no list that is empty', () => {
    expect(allows([], 'http://example.com/')).toBe(false);
  });
});

describe('an address', () => {
  const allowsAddress = (
    list: readonly string[],
    url: string,
    address: string,
  ): boolean => makeAllowedHosts(list).allowsAddress(address, new URL(url));

  it.each([
    ['that is public', ['a.example'], 'http://a.example/', '8.8.8.8'],
    [
      'of this machine for localhost',
      ['localhost'],
      'http://localhost/',
      '127.0.0.1',
    ],
    [
      'of this machine for localhost',
      ['localhost:1'],
      'http://localhost:1/',
      '::1',
    ],
    [
      'that the list names',
      ['a.example', '10.0.0.1'],
      'http://a.example/',
      '10.0.0.1',
    ],
    [
      'that the list names',
      ['a.example', '[fd00::1]'],
      'http://a.example/',
      'fd00:0::1',
    ],
    [
      'that the list names with its port',
      ['a.example:81', '10.0.0.1:81'],
      'http://a.example:81/',
      '10.0.0.1',
    ],
  ])('%s is connected to', (_, list, url, address) => {
    expect(allowsAddress(list, url, address)).toBe(true);
  });

  it.each([
    ['of this machine', ['a.example'], 'http://a.example/', '127.0.0.1'],
    [
      'of this machine for another name',
      ['a.example', 'localhost'],
      'http://a.example/',
      '127.0.0.1',
    ],
    [
      'of the network for localhost',
      ['localhost'],
      'http://localhost/',
      '10.0.0.1',
    ],
    [
      'that the list names with another port',
      ['a.example', '10.0.0.1:81'],
      'http://a.example/',
      '10.0.0.1',
    ],
    ['of one interface', ['a.example'], 'http://a.example/', 'fe80::1%eth0'],
    ['that is none', ['a.example'], 'http://a.example/', 'a.example'],
  ])('%s is not', (_, list, url, address) => {
    expect(allowsAddress(list, url, address)).toBe(false);
  });
});
