/** What a cluster config may say, and the one clear sentence for everything else. */
import { describe, expect, it } from 'vitest';
import { parseClusterConfig } from './cluster-config.ts';

const vat = { bundleSpec: 'file:///a.bundle' };
const good = { bootstrap: 'main', vats: { main: vat } };

describe('parseClusterConfig accepts', () => {
  it.each<[string, unknown, unknown?]>([
    ['the smallest config', good],
    [
      'sources, parameters and placement',
      {
        bootstrap: 'main',
        vats: {
          main: {
            sourceSpec: './main.js',
            parameters: { deep: [1, null, { a: 'b' }] },
            placement: 'own',
          },
        },
      },
    ],
    [
      'bundles by name',
      {
        bootstrap: 'main',
        vats: { main: { bundleName: 'b' } },
        bundles: { b: vat },
      },
    ],
    [
      'fetch, and what it reaches',
      {
        ...good,
        vats: {
          main: {
            ...vat,
            globals: ['fetch', 'Headers', 'Request', 'Response'],
            network: { allowedHosts: ['a.example', '*.b.example:8080'] },
          },
        },
      },
    ],
    [
      'the classes of fetch without it',
      { ...good, vats: { main: { ...vat, globals: ['Headers'] } } },
    ],
    [
      'IO channels of every type',
      {
        ...good,
        services: ['clock'],
        io: {
          out: { type: 'console' },
          in: { type: 'file', path: 'in.txt', access: 'read' },
          docs: { type: 'folder', path: '/docs' },
          work: { type: 'folder', path: 'work', access: 'write' },
          talk: { type: 'socket', path: 'talk.sock' },
          net: { type: 'network', host: 'a.example', port: 443, tls: true },
        },
      },
    ],
    [
      'names that objects have from their prototype',
      { bootstrap: 'constructor', vats: { constructor: vat, toString: vat } },
    ],
    [
      'later fields that ask for nothing, without keeping them',
      {
        ...good,
        vats: { main: { ...vat, platformConfig: {} } },
      },
      good,
    ],
  ])('%s', (_name, config, expected = config) => {
    // Not strictly: an own field named `constructor` confuses the type check of that.
    expect(parseClusterConfig(config)).toEqual(expected);
  });
});

describe('parseClusterConfig refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['what is not an object', 'config', /expected object/u],
    ['a list', [], /expected object/u],
    ['an unknown field', { ...good, bots: 1 }, /unknown field "bots"/u],
    [
      'an unknown field of a vat',
      { ...good, vats: { main: { ...vat, bundelSpec: 'x' } } },
      /unknown field "bundelSpec" at vats\.main/u,
    ],
    ['no bootstrap', { vats: { main: vat } }, /missing.* at bootstrap/u],
    [
      'a bootstrap that is no vat',
      { ...good, bootstrap: 'mian' },
      /there is no vat "mian" .*\(main\) at bootstrap/u,
    ],
    [
      'a bootstrap that only a prototype has',
      { ...good, bootstrap: 'constructor' },
      /there is no vat "constructor"/u,
    ],
    [
      'a vat without code',
      { ...good, vats: { main: {} } },
      /exactly one of bundleSpec, sourceSpec and bundleName at vats\.main/u,
    ],
    [
      'a vat with two codes',
      { ...good, vats: { main: { ...vat, sourceSpec: 'x' } } },
      /exactly one of/u,
    ],
    [
      'an empty spec',
      { ...good, vats: { main: { bundleSpec: '' } } },
      /must not be empty at vats\.main\.bundleSpec/u,
    ],
    [
      'a bundle name that is nowhere',
      { ...good, vats: { main: { bundleName: 'toString' } }, bundles: {} },
      /no bundle "toString" .* at vats\.main\.bundleName/u,
    ],
    [
      'a bundle that is given by name',
      { ...good, bundles: { b: { bundleName: 'c' } } },
      /bundleName/u,
    ],
    [
      'a name that could be a path',
      { ...good, vats: { main: vat, '../x': vat } },
      /"\.\.\/x" cannot be a name.* at vats/u,
    ],
    [
      'a vat named __proto__',
      JSON.parse(
        '{"bootstrap":"main","vats":{"main":{"bundleSpec":"a"},"__proto__":{"bundleSpec":"b"}}}',
      ),
      /"__proto__" cannot be a name/u,
    ],
    [
      'a field named __proto__',
      JSON.parse(
        '{"bootstrap":"main","vats":{"main":{"bundleSpec":"a"}},"__proto__":{}}',
      ),
      /unknown field "__proto__"/u,
    ],
    [
      'parameters that are not JSON',
      { ...good, vats: { main: { ...vat, parameters: { n: 1n } } } },
      /at vats\.main\.parameters/u,
    ],
    [
      'an unknown global',
      { ...good, vats: { main: { ...vat, globals: ['Date', 'process'] } } },
      /there is no global "process"; a vat can ask for AbortController, .* at vats\.main\.globals\[1\]/u,
    ],
    [
      'fetch that reaches nothing',
      { ...good, vats: { main: { ...vat, globals: ['fetch'] } } },
      /with fetch among its globals needs "network": .* at vats\.main/u,
    ],
    [
      'a network without fetch',
      {
        ...good,
        vats: { main: { ...vat, globals: [], network: { allowedHosts: [] } } },
      },
      /with a network needs "fetch" among its globals at vats\.main/u,
    ],
    [
      'a network with an unknown field',
      { ...good, vats: { main: { ...vat, network: { hosts: [] } } } },
      /at vats\.main\.network/u,
    ],
    ...[
      'https://a.example',
      'a.example/path',
      'a.example:0',
      'a.example:65536',
      '*',
      'a.*.example',
      '*.127.0.0.1',
      '',
    ].map((entry): [string, unknown, RegExp] => [
      `"${entry}" as a host that is allowed`,
      {
        ...good,
        vats: {
          main: {
            ...vat,
            globals: ['fetch'],
            network: { allowedHosts: ['a.example', entry] },
          },
        },
      },
      /is not a host: write .* at vats\.main\.network\.allowedHosts\[1\]/u,
    ]),
    [
      'a channel of a type that there is not',
      { ...good, io: { x: { type: 'serial' } } },
      /at io\.x\.type/u,
    ],
    [
      'a file of which it is not said what is done with it',
      { ...good, io: { x: { type: 'file', path: 'x' } } },
      /at io\.x\.access/u,
    ],
    [
      'a path with a NUL',
      { ...good, io: { x: { type: 'socket', path: 'a\0b' } } },
      /a path has no NUL in it at io\.x\.path/u,
    ],
    [
      'a port that there is not',
      { ...good, io: { x: { type: 'network', host: 'a', port: 65_536 } } },
      /at io\.x\.port/u,
    ],
    [
      'a field that a channel does not have',
      { ...good, io: { x: { type: 'console', path: 'x' } } },
      /unknown field "path" at io\.x/u,
    ],
    [
      'a channel with the name of a service that is asked for',
      { ...good, services: ['clock'], io: { clock: { type: 'console' } } },
      /a service has this name.* at io\.clock/u,
    ],
    [
      'a channel named __proto__',
      { ...good, io: JSON.parse('{"__proto__":{"type":"console"}}') as object },
      /"__proto__" cannot be a name/u,
    ],
    [
      'an unknown placement',
      { ...good, vats: { main: { ...vat, placement: 'cloud' } } },
      /at vats\.main\.placement/u,
    ],
  ])('%s', (_name, config, message) => {
    expect(() => parseClusterConfig(config)).toThrow(message);
    expect(() => parseClusterConfig(config)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });

  it.each([
    ['platformConfig', { fetch: {} }, 'vats.main.'],
    ['creationOptions', { critical: true }, 'vats.main.'],
  ])('%s, which comes later, by its name', (field, value, at) => {
    const config =
      at === ''
        ? { ...good, [field]: value }
        : { ...good, vats: { main: { ...vat, [field]: value } } };
    expect(() => parseClusterConfig(config)).toThrow(
      `the field "${field}" is not supported by this version of ocap at ${at}${field}`,
    );
  });
});
