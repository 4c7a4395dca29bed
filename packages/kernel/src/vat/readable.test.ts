import 'ses';
import '@endo/eventual-send/shim.js';
import { describe, expect, it } from 'vitest';
import type { VRef } from '@ocap/kernel-utils';

lockdown({
  errorTaming: 'unsafe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe',
});
const { isReadable, isReadableCall } = await import('./readable.ts');

const slots = ['o-1', 'p-2', 'o+3'] as VRef[];

describe('data', () => {
  it.each([
    '#null',
    '#"text"',
    '#["!escaped","+5","-7","#undefined","#NaN","%@@asyncIterator"]',
    '#{"a":[1.5,true,{"b":"$0.Alleged: Purse"}],"again":"$0","p":"&1"}',
    '#["$2","$0.DebugName: x","&1"]',
    '#{"#tag":"copySet","payload":["a"]}',
    '#{"#error":"no","errorId":"error:1","name":"TypeError"}',
    '#{"!#odd":1}',
  ])('such as %s can be read', (body) => {
    expect(isReadable({ body, slots })).toBe(true);
  });

  it.each([
    '',
    'null',
    '#',
    '#[',
    '#"$9"',
    '#"&9.x"',
    '#"$x"',
    '#"#what"',
    '#"*reserved"',
    '#"+five"',
    '#{"#error":1}',
    '#{"#tag":"x"}',
    '#{"#other":1}',
    '{"@qclass":"slot","index":7}',
    `#${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  ])('such as %.30s cannot be read', (body) => {
    expect(isReadable({ body, slots })).toBe(false);
  });
});

describe('a call', () => {
  it.each(['#["hi",[]]', '#["hi",["$0"]]', '#["#undefined",[1]]', '#["size"]'])(
    '%s can be made',
    (body) => {
      expect(isReadableCall({ body, slots })).toBe(true);
    },
  );

  it.each(['#null', '#{}', '#[]', '#[1,[]]', '#["hi",{}]', '#["hi",[],1]'])(
    '%s cannot be made',
    (body) => {
      expect(isReadableCall({ body, slots })).toBe(false);
    },
  );
});
