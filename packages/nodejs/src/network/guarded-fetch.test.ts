import '../daemon/lockdown.ts';
import { createServer } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { FetchRequest, FetchResponse } from '@ocap/kernel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startTestServer, type TestServer } from '../testing/http-server.ts';
import type { Resolve } from './checked-lookup.ts';
import { makeGuardedFetch } from './guarded-fetch.ts';

const limits = { fetchMs: 10_000, fetchResponseBytes: 1000 };

type Asking = Readonly<{
  allowedHosts: readonly string[];
  resolve?: Resolve;
  limits?: Partial<typeof limits>;
  signal?: AbortSignal;
}> &
  Partial<Omit<FetchRequest, 'id' | 'url'>>;

const ask = async (
  url: string,
  { allowedHosts, resolve, limits: others, signal, ...request }: Asking,
) =>
  makeGuardedFetch({ ...limits, ...others }, resolve)(
    {
      id: 1,
      url,
      method: 'GET',
      headers: [],
      body: null,
      redirect: 'follow',
      ...request,
    },
    { allowedHosts, signal: signal ?? new AbortController().signal },
  );

const answered = async (
  url: string,
  asking: Asking,
): Promise<FetchResponse> => {
  const outcome = await ask(url, asking);
  if (!('response' in outcome)) {
    throw Error(outcome.problem);
  }
  return outcome.response;
};

const refused = async (url: string, asking: Asking): Promise<string> => {
  const outcome = await ask(url, asking);
  if (!('problem' in outcome)) {
    throw Error('it was answered');
  }
  return outcome.problem;
};

const textOf = ({ body }: FetchResponse): string =>
  Buffer.from(body, 'base64').toString();

const host = ({ port }: TestServer): string => `127.0.0.1:${port}`;

/** Answers `/to?URL` with a redirect, everything else with its method and body. */
const startRedirecting = async (status = 302): Promise<TestServer> =>
  startTestServer(({ method, url, body }, response) => {
    const [path, target] = url.split('?');
    if (path === '/to') {
      response.writeHead(status, {
        location: decodeURIComponent(target ?? ''),
      });
      response.end('elsewhere');
    } else {
      response.end(`${method} ${url} ${body}`);
    }
  });
const to = (url: string): string => `/to?${encodeURIComponent(url)}`;

describe('a request', () => {
  it('goes to a host that is in the list, as the vat has made it', async () => {
    const server = await startTestServer((_, response) => {
      response.writeHead(201, 'Made', {
        'x-a': 'b',
        'set-cookie': ['a=1', 'b=2'],
      });
      response.end('grüß');
    });
    const { origin, asked } = server;
    const response = await answered(`${origin}/path?q=1#hash`, {
      allowedHosts: [host(server)],
      method: 'PUT',
      headers: [
        ['x-one', '1'],
        ['x-two', '2'],
      ],
      body: Buffer.from('body').toString('base64'),
    });
    expect(response).toMatchObject({
      url: `${origin}/path?q=1`,
      redirected: false,
      status: 201,
      statusText: 'Made',
      headers: expect.arrayContaining([
        ['x-a', 'b'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]),
    });
    expect(textOf(response)).toBe('grüß');
    expect(asked).toMatchObject([
      {
        method: 'PUT',
        url: '/path?q=1',
        body: 'body',
        headers: { 'x-one': '1', 'x-two': '2', 'content-length': '4' },
      },
    ]);
  });

  it.each([
    ['another port', 'http://127.0.0.1:1/'],
    ['another name of the host', 'http://localhost:PORT/'],
    ['another host', 'http://example.com/'],
  ])('to %s is refused, and leaves nothing', async (_, url) => {
    const server = await startTestServer((_asked, response) => response.end());
    const wanted = url.replace('PORT', String(server.port));
    expect(await refused(wanted, { allowedHosts: [host(server)] })).toBe(
      `the host ${new URL(wanted).host} is not in the vat's allowedHosts`,
    );
    expect(server.asked).toStrictEqual([]);
  });

  it.each([
    ['file:///etc/passwd', /it is for file:, which is not http\(s\)/u],
    ['data:,x', /it is for data:/u],
    ['ftp://127.0.0.1/', /it is for ftp:/u],
    ['http://me:secret@127.0.0.1/', /a URL with a name and a password/u],
    ['nonsense', /not a URL/u],
    ['', /not a URL/u],
  ])('for %j is refused', async (url, problem) => {
    expect(await refused(url, { allowedHosts: ['127.0.0.1'] })).toMatch(
      problem,
    );
  });

  it('cannot name another host than its URL, nor meddle with the connection', async () => {
    const server = await startTestServer((_, response) => response.end());
    await answered(server.origin, {
      allowedHosts: [host(server)],
      headers: [
        ['Host', 'internal.example'],
        ['Connection', 'upgrade'],
        ['Upgrade', 'h2c'],
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', '5'],
        ['Proxy-Authorization', 'x'],
        ['Expect', '100-continue'],
      ],
    });
    const { headers } = await server.request(0);
    expect(headers.host).toBe(host(server));
    for (const name of [
      'upgrade',
      'transfer-encoding',
      'content-length',
      'proxy-authorization',
      'expect',
    ]) {
      expect(headers, name).not.toHaveProperty(name);
    }
  });

  it('brings no cookies from the one before', async () => {
    const server = await startTestServer((_, response) => {
      response.setHeader('set-cookie', 'a=1');
      response.end();
    });
    const asking = { allowedHosts: [host(server)] };
    await answered(server.origin, asking);
    await answered(server.origin, asking);
    expect(server.asked.map(({ headers }) => headers.cookie)).toStrictEqual([
      undefined,
      undefined,
    ]);
  });

  it('asks no proxy', async () => {
    const proxy = await startTestServer((_, response) => response.end('proxy'));
    const names = [
      'http_proxy',
      'HTTP_PROXY',
      'ALL_PROXY',
      'NODE_USE_ENV_PROXY',
    ];
    const before = names.map((name) => [name, process.env[name]] as const);
    onTestFinished(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
    names.forEach((name) => (process.env[name] = proxy.origin));
    const server = await startTestServer((_, response) => response.end('it'));
    const asking = { allowedHosts: [host(server)] };
    expect(textOf(await answered(server.origin, asking))).toBe('it');
    expect(proxy.asked).toStrictEqual([]);
  });

  it('ends with its signal, connection and all', async () => {
    const server = await startTestServer(() => undefined);
    const controller = new AbortController();
    const outcome = ask(server.origin, {
      allowedHosts: [host(server)],
      limits: { fetchMs: 600_000 },
      signal: controller.signal,
    });
    const { closed } = await server.request(0);
    controller.abort();
    expect(await outcome).toHaveProperty('problem');
    await closed;
  });
});

describe('a redirect', () => {
  it('within the list is followed', async () => {
    const end = await startRedirecting();
    const begin = await startRedirecting();
    const response = await answered(
      begin.origin + to(begin.origin + to(`${end.origin}/end`)),
      { allowedHosts: [host(begin), host(end)] },
    );
    expect(response).toMatchObject({
      url: `${end.origin}/end`,
      redirected: true,
      status: 200,
    });
    expect(textOf(response)).toBe('GET /end ');
  });

  it('may be relative', async () => {
    const server = await startRedirecting();
    const response = await answered(`${server.origin}/to?b`, {
      allowedHosts: [host(server)],
    });
    expect(response.url).toBe(`${server.origin}/b`);
  });

  it('out of the list is refused before the other host hears of it (V-18)', async () => {
    const outside = await startRedirecting();
    const inside = await startRedirecting();
    const asking = { allowedHosts: [host(inside)] };
    for (const url of [
      inside.origin + to(outside.origin),
      inside.origin + to(inside.origin + to(outside.origin)),
    ]) {
      expect(await refused(url, asking)).toBe(
        `the server redirects to the host ${host(outside)}, which is not in the vat's allowedHosts`,
      );
    }
    expect(outside.asked).toStrictEqual([]);
  });

  it.each([
    ['file:///etc/passwd', /redirects to file:/u],
    ['http://me:secret@127.0.0.1:PORT/', /redirects to a URL with a name/u],
    ['http://[', /redirects to what is not a URL/u],
  ])('to %s is refused', async (location, problem) => {
    const server = await startRedirecting();
    const target = location.replace('PORT', String(server.port));
    expect(
      await refused(server.origin + to(target), {
        allowedHosts: [host(server)],
      }),
    ).toMatch(problem);
  });

  it('is followed ten times, and not eleven times', async () => {
    let left = 0;
    const server = await startTestServer((_, response) => {
      if (left > 0) {
        response.writeHead(302, { location: '/' });
      }
      left -= 1;
      response.end();
    });
    const asking = { allowedHosts: [host(server)] };
    left = 10;
    expect(await answered(server.origin, asking)).toMatchObject({
      status: 200,
    });
    left = 11;
    expect(await refused(server.origin, asking)).toBe(
      'the server redirects more than 10 times',
    );
    expect(server.asked).toHaveLength(22);
  });

  it.each([
    [301, 'POST', 'GET /end '],
    [302, 'POST', 'GET /end '],
    [303, 'POST', 'GET /end '],
    [303, 'PUT', 'GET /end '],
    [302, 'PUT', 'PUT /end x'],
    [307, 'POST', 'POST /end x'],
    [308, 'POST', 'POST /end x'],
  ])('with %i makes of %s: %s', async (status, method, seen) => {
    const server = await startRedirecting(status);
    const response = await answered(server.origin + to('/end'), {
      allowedHosts: [host(server)],
      method,
      headers: [['content-type', 'text/plain']],
      body: Buffer.from('x').toString('base64'),
    });
    expect(textOf(response)).toBe(seen);
    expect(server.asked[1]?.headers['content-type']).toBe(
      seen.startsWith('GET') ? undefined : 'text/plain',
    );
  });

  it('takes credentials along to the same origin only', async () => {
    const other = await startRedirecting();
    const server = await startRedirecting();
    const asking = {
      allowedHosts: [host(server), host(other)],
      headers: [
        ['Authorization', 'secret'],
        ['cookie', 'secret'],
        ['x-plain', 'kept'],
      ] as const,
    };
    await answered(server.origin + to('/here'), asking);
    await answered(server.origin + to(`${other.origin}/there`), asking);
    expect(server.asked[1]?.headers).toMatchObject({
      authorization: 'secret',
      cookie: 'secret',
    });
    expect(other.asked[0]?.headers).toMatchObject({ 'x-plain': 'kept' });
    expect(other.asked[0]?.headers).not.toHaveProperty('authorization');
    expect(other.asked[0]?.headers).not.toHaveProperty('cookie');
  });

  it('is an answer, or an error, if the vat would have it so', async () => {
    const server = await startRedirecting();
    const asking = { allowedHosts: [host(server)] };
    const url = server.origin + to('/end');
    const response = await answered(url, { ...asking, redirect: 'manual' });
    expect(response).toMatchObject({
      status: 302,
      redirected: false,
      headers: expect.arrayContaining([['location', '/end']]),
    });
    expect(await refused(url, { ...asking, redirect: 'error' })).toMatch(
      /redirects, which was to be an error/u,
    );
    expect(server.asked.map(({ url: path }) => path)).not.toContain('/end');
  });

  it('without a location is an answer', async () => {
    const server = await startTestServer((_, response) => {
      response.writeHead(302).end('x');
    });
    const asking = { allowedHosts: [host(server)] };
    expect(await answered(server.origin, asking)).toMatchObject({
      status: 302,
    });
  });
});

describe('a name', () => {
  const leadsTo =
    (...addresses: string[]): Resolve =>
    async () =>
      addresses.map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }));

  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['fd00:ec2::254'],
  ])(
    'that leads to %s is refused, without saying where it leads',
    async (address) => {
      const server = await startTestServer((_, response) => response.end());
      const name = `inside.example:${server.port}`;
      const problem = await refused(`http://${name}/`, {
        allowedHosts: [name],
        resolve: leadsTo(address),
      });
      expect(problem).toBe(
        "the host inside.example is in a private network; to be reached there, its address must be in the vat's allowedHosts",
      );
      expect(server.asked).toStrictEqual([]);
    },
  );

  it('may lead to a private address that is in the list itself', async () => {
    const server = await startTestServer((_, response) => response.end('in'));
    const name = `inside.example:${server.port}`;
    const response = await answered(`http://${name}/`, {
      allowedHosts: [name, host(server)],
      resolve: leadsTo('10.0.0.1', '127.0.0.1'),
    });
    expect(textOf(response)).toBe('in');
    expect(server.asked[0]?.headers.host).toBe(name);
  });

  it('localhost is this machine, if it is in the list', async () => {
    const server = await startTestServer((_, response) => response.end('in'));
    const name = `localhost:${server.port}`;
    expect(
      textOf(await answered(`http://${name}/`, { allowedHosts: [name] })),
    ).toBe('in');
  });

  it('is looked up once for each hop: what it means later does not count', async () => {
    const server = await startRedirecting();
    const other = await startTestServer((_, response) => response.end('no'), {
      address: '127.0.0.2',
      port: server.port,
    });
    const name = `rebinds.example:${server.port}`;
    let times = 0;
    const resolve: Resolve = async () => {
      times += 1;
      return [{ address: times === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    };
    const asking = { allowedHosts: [name, host(server)], resolve };
    expect(textOf(await answered(`http://${name}/a`, asking))).toBe('GET /a ');
    expect(times).toBe(1);
    times = 0;
    expect(await refused(`http://${name}${to('/b')}`, asking)).toMatch(
      /is in a private network/u,
    );
    expect(times).toBe(2);
    expect(other.asked).toStrictEqual([]);
  });

  it('that does not exist is said not to exist', async () => {
    const asking = { allowedHosts: ['nowhere.example'] };
    const url = 'http://nowhere.example/';
    const missing = Object.assign(Error('getaddrinfo'), { code: 'ENOTFOUND' });
    const resolvers: Resolve[] = [
      async () => Promise.reject(missing),
      leadsTo(),
    ];
    for (const resolve of resolvers) {
      expect(await refused(url, { ...asking, resolve })).toBe(
        'there is no host nowhere.example',
      );
    }
  });

  it('that answers nothing is named without its address', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const name = `closed.example:${port}`;
    expect(
      await refused(`http://${name}/`, {
        allowedHosts: [name, `127.0.0.1:${port}`],
        resolve: leadsTo('127.0.0.1'),
      }),
    ).toBe(`no answer from the host ${name} (ECONNREFUSED)`);
  });

  it('is held to its certificate', async () => {
    const server = await startTestServer((_, response) => response.end());
    expect(
      await refused(`https://${host(server)}/`, {
        allowedHosts: [host(server)],
      }),
    ).toMatch(/^no answer from the host 127\.0\.0\.1:\d+ \(ERR_SSL_\w+\)$/u);
  });
});

describe('limits of an answer', () => {
  it('fetchResponseBytes: that many bytes pass, and not one more', async () => {
    const server = await startTestServer(({ url }, response) => {
      response.end('x'.repeat(Number(url.slice(1))));
    });
    const asking = { allowedHosts: [host(server)] };
    const response = await answered(`${server.origin}/1000`, asking);
    expect(textOf(response)).toHaveLength(1000);
    expect(await refused(`${server.origin}/1001`, asking)).toBe(
      'the response has more than 1000 bytes',
    );
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('count what %s unpacks', async (encoding, compress) => {
    const server = await startTestServer(({ url }, response) => {
      response.setHeader('content-encoding', encoding);
      response.end(compress(Buffer.alloc(Number(url.slice(1)))));
    });
    const asking = { allowedHosts: [host(server)] };
    const response = await answered(`${server.origin}/1000`, asking);
    expect(Buffer.from(response.body, 'base64')).toHaveLength(1000);
    expect(await refused(`${server.origin}/1001`, asking)).toMatch(
      /more than 1000 bytes/u,
    );
    expect(await refused(`${server.origin}/5000000`, asking)).toMatch(
      /more than 1000 bytes/u,
    );
  });

  it('fetchMs: an answer that is not complete by then is none', async () => {
    const server = await startTestServer(({ url }, response) => {
      if (url === '/slow') {
        response.write('begun');
      } else if (url === '/quick') {
        response.end('done');
      }
    });
    const asking = {
      allowedHosts: [host(server)],
      limits: { fetchMs: 300 },
    };
    expect(await answered(`${server.origin}/quick`, asking)).toMatchObject({
      status: 200,
    });
    for (const path of ['/slow', '/never']) {
      expect(await refused(server.origin + path, asking)).toBe(
        'there was no complete answer within 0.3 s',
      );
    }
    await Promise.all(server.asked.map(async ({ closed }) => closed));
  });
});
