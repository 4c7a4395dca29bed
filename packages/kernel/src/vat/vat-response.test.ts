import { describe, expect, it } from 'vitest';
import { encodeBase64 } from './base64.ts';
import { Response, responseFrom } from './vat-response.ts';

const fetched = (text: string, status = 200): Response =>
  responseFrom({
    url: 'https://a.example/',
    redirected: true,
    status,
    statusText: 'Fine',
    headers: [
      ['x-a', '1'],
      ['x-a', '2'],
    ],
    body: encodeBase64(new TextEncoder().encode(text)),
  });

describe('a Response that was fetched', () => {
  it('is what the server said', () => {
    const response = fetched('');
    expect(response).toMatchObject({
      ok: true,
      status: 200,
      statusText: 'Fine',
      url: 'https://a.example/',
      redirected: true,
    });
    expect(response.headers.get('x-a')).toBe('1, 2');
  });

  it('is ok from 200 to 299', () => {
    expect(
      [199, 200, 299, 300, 404, 500].map((status) => fetched('', status).ok),
    ).toStrictEqual([false, true, true, false, false, false]);
  });

  it('is read as text, JSON or bytes', async () => {
    expect(await fetched('grüß').text()).toBe('grüß');
    expect(await fetched('\uFEFF{"a":[1]}').json()).toStrictEqual({ a: [1] });
    expect(await fetched('ab').bytes()).toStrictEqual(new Uint8Array([97, 98]));
    const buffer = await fetched('ab').arrayBuffer();
    expect([...new Uint8Array(buffer)]).toStrictEqual([97, 98]);
    await expect(fetched('{').json()).rejects.toThrow(SyntaxError);
  });

  it('is read once', async () => {
    const response = fetched('x');
    expect(response.bodyUsed).toBe(false);
    await response.text();
    expect(response.bodyUsed).toBe(true);
    for (const again of ['text', 'json', 'bytes', 'arrayBuffer'] as const) {
      await expect(response[again]()).rejects.toThrow(/already read/u);
    }
    expect(() => response.clone()).toThrow(/already read/u);
  });

  it('has a clone with a body of its own, and else the same', async () => {
    const response = fetched('x', 199);
    const clone = response.clone();
    (await response.bytes()).fill(0);
    expect(await clone.text()).toBe('x');
    expect(clone).toMatchObject({
      status: 199,
      url: response.url,
      redirected: true,
    });
    clone.headers.set('x-a', '3');
    expect(response.headers.get('x-a')).toBe('1, 2');
  });
});

describe('a Response that a vat makes', () => {
  it('has what it is given', async () => {
    const response = new Response('x', {
      status: 404,
      statusText: 'No',
      headers: { a: '1' },
    });
    expect(response).toMatchObject({
      ok: false,
      status: 404,
      statusText: 'No',
      url: '',
      redirected: false,
    });
    expect([...response.headers]).toStrictEqual([
      ['a', '1'],
      ['content-type', 'text/plain;charset=UTF-8'],
    ]);
    expect(await response.text()).toBe('x');
    expect(await new Response().text()).toBe('');
  });

  it('may be JSON', async () => {
    const response = Response.json({ a: 1 }, { status: 201 });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toStrictEqual({ a: 1 });
    expect(() => Response.json(undefined)).toThrow(TypeError);
  });

  it.each([199, 600, 200.5, NaN, 'x'])('has not the status %s', (status) => {
    expect(() => new Response('', { status })).toThrow(RangeError);
  });

  it('has no body with a status that allows none', () => {
    expect(() => new Response('x', { status: 204 })).toThrow(
      /cannot have a body/u,
    );
    expect(new Response(null, { status: 204 }).status).toBe(204);
  });
});
