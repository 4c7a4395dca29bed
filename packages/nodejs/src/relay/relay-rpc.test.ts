import { expect, it } from 'vitest';
import { makeRelayRpc } from './relay-rpc.ts';

const called: string[] = [];
const rpc = makeRelayRpc(
  new Map<string, () => unknown>([
    ['ping', () => 'pong'],
    ['shutdown', () => void called.push('shutdown')],
  ]),
);

const ask = async (line: string): Promise<unknown> => {
  const text = await rpc.handleLine(line);
  return text === undefined ? undefined : JSON.parse(text);
};

it('answers what it is asked', async () => {
  const line = '{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}';
  const answer = { jsonrpc: '2.0', id: 7, result: 'pong' };
  expect(await ask(line)).toStrictEqual(answer);
  const sent: unknown[] = [];
  const session = rpc.connect((text) => sent.push(JSON.parse(text)), {
    facet: 'owner',
  });
  await session.handleLine(line);
  await session.handleLine(' ');
  expect(sent).toStrictEqual([answer]);
});

it('does what has nothing to answer', async () => {
  expect(await ask('{"id":"a","method":"shutdown"}')).toMatchObject({
    id: 'a',
    result: null,
  });
  expect(await ask('{"method":"shutdown"}')).toBeUndefined();
  expect(called).toStrictEqual(['shutdown', 'shutdown']);
});

it.each([
  ['{"id":1,"method":"toString"}', 1, -32601],
  ['{"id":1,"method":"__proto__"}', 1, -32601],
  ['{"id":1,"method":7}', null, -32600],
  ['[{"id":1,"method":"ping"}]', null, -32600],
  ['"ping"', null, -32600],
  ['null', null, -32600],
  ['{"id":1', null, -32700],
])('refuses %s', async (line, id, code) => {
  expect(await ask(line)).toMatchObject({ id, error: { code } });
});
