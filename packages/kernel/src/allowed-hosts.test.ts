import { describe, expect, it } from 'vitest';
import { parseAllowedHost } from './allowed-hosts.ts';

describe('an entry of allowedHosts', () => {
  it.each([
    ['example.com', { hostname: 'example.com', port: undefined, below: false }],
    ['Example.COM:8080', { hostname: 'example.com', port: 8080, below: false }],
    ['example.com:80', { hostname: 'example.com', port: 80, below: false }],
    [
      '*.example.com',
      { hostname: 'example.com', port: undefined, below: true },
    ],
    [
      '*.example.com:65535',
      { hostname: 'example.com', port: 65_535, below: true },
    ],
    [
      'bücher.example',
      { hostname: 'xn--bcher-kva.example', port: undefined, below: false },
    ],
    ['localhost:1', { hostname: 'localhost', port: 1, below: false }],
    ['127.0.0.1', { hostname: '127.0.0.1', port: undefined, below: false }],
    ['0x7f.1', { hostname: '127.0.0.1', port: undefined, below: false }],
    ['[::1]:8080', { hostname: '[::1]', port: 8080, below: false }],
    ['[0:0::0001]', { hostname: '[::1]', port: undefined, below: false }],
  ])('%s is read as it is meant', (entry, meaning) => {
    expect(parseAllowedHost(entry)).toStrictEqual(meaning);
  });

  it.each([
    '',
    '*',
    '*.',
    '*:80',
    '**.example.com',
    'a*.example.com',
    'http://example.com',
    'https:example.com',
    '//example.com',
    'example.com/',
    'example.com/path',
    'example.com?q',
    'example.com#h',
    'example.com\\',
    'me@example.com',
    'me:secret@example.com',
    'example.com:',
    'example.com:0',
    'example.com:65536',
    'example.com:http',
    'example.com:80:80',
    'exa mple.com',
    ' example.com',
    'example.com\n',
    'exam\tple.com',
    'example%2ecom',
    '::1',
    '[::1',
    '[::1]]',
    '[fe80::1%eth0]',
    '1.2.3.4.5',
    '256.0.0.1',
    '*.0.0.1',
    '*.1',
    '*.[::1]',
  ])('%j is not one', (entry) => {
    expect(parseAllowedHost(entry)).toBeUndefined();
  });
});
