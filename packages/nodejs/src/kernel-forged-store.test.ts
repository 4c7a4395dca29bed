/**
 * A store that liveslots would not have written, by a host that was taken over:
 * what the kernel reads of it when the vat starts anew is nobody else's problem.
 */
import './daemon/lockdown.ts';
import { expect, it } from 'vitest';
import { openScriptedKernel } from './testing/scripted-hosts.ts';

type Writes = readonly (readonly [key: string, value: string])[];

const kinds = [
  'storeKindIDTable',
  '{"scalarDurableMapStore":6,"scalarMapStore":2}',
] as const;
const object = [
  ['vom.dkind.10.nextID', '9'],
  ['vom.o+d10/1', '{}'],
] as const;

const forged: readonly (readonly [string, 'ends' | 'starts', Writes])[] = [
  ['a virtual object that is no JSON', 'ends', [['vom.o+v10/1', 'no']]],
  ['a virtual object that is null', 'ends', [['vom.o+v10/1', 'null']]],
  ['a virtual object without slots', 'ends', [['vom.o+v10/1', '{"a":1}']]],
  [
    'a virtual object with odd slots',
    'ends',
    [['vom.o+v10/1', '{"a":{"slots":[1]}}']],
  ],
  [
    'a virtual object with slots that are none',
    'ends',
    [['vom.o+v10/1', '{"a":{"slots":["ko1","__proto__"]}}']],
  ],
  ['kinds that are no JSON', 'ends', [['storeKindIDTable', 'no'], ...object]],
  ['kinds that are a list', 'starts', [['storeKindIDTable', '[1]'], ...object]],
  ['kinds that are null', 'ends', [['storeKindIDTable', 'null'], ...object]],
  [
    'a loose object whose state is no JSON',
    'ends',
    [kinds, ['vom.dkind.10.nextID', '9'], ['vom.o+d10/1', 'no']],
  ],
  [
    'a loose object that refers to itself',
    'starts',
    [
      kinds,
      ['vom.dkind.10.nextID', '9'],
      ['vom.o+d10/1', '{"a":{"body":"","slots":["o+d10/1"]}}'],
      ['vom.rc.o+d10/1', '0'],
    ],
  ],
  [
    'counts that are no numbers',
    'starts',
    [
      kinds,
      ...object,
      ['vom.rc.o+d10/2', 'NaN'],
      ['vom.o+v10/1', '{"a":{"slots":["o+d10/2"]}}'],
    ],
  ],
  [
    'a loose collection with a value that is no JSON',
    'ends',
    [kinds, ['vc.5.|schemata', 'no'], ['vc.5.sa', 'no']],
  ],
  [
    'a loose collection with odd keys',
    'starts',
    [
      kinds,
      ['vc.5.|schemata', '{"slots":[]}'],
      ['vc.5.|o-77', '1'],
      ['vc.5.|nextOrdinal', 'x'],
      ['vc.5.|', ''],
    ],
  ],
  [
    'an export status that is none, marked by itself',
    'ends',
    [kinds, ...object, ['vom.es.o+d10/1', 'sss'], ['ocap.loose.oo+d10/1', '1']],
  ],
  [
    'recognizers of nothing',
    'starts',
    [kinds, ...object, ['vom.ir.o+d10/1|', ''], ['vom.ir.o+d10/1|7', '1']],
  ],
  ['watched promises of nothing', 'starts', [['watchedPromiseTableID', 'no']]],
  [
    'marks of the kernel',
    'ends',
    [
      ['ocap.loose.oo+d10/1', '1'],
      ['ocap.loose.o', '1'],
      ['ocap.loose.cx', '1'],
    ],
  ],
  [
    'work of the kernel that is no JSON',
    'ends',
    [['ocap.late.0000000001', 'no']],
  ],
  [
    'work of the kernel that is none',
    'ends',
    [
      ['ocap.late.0000000001', '["steal",[]]'],
      ['ocap.late.0000000002', 'null'],
    ],
  ],
];

it.each(forged)('has %s: the vat %s', async (_, expected, writes) => {
  const t = await openScriptedKernel();
  const root = await t.launch(2);
  const told = t.kernel
    .queueMessage(root, 'go', [])
    .catch((thrown: unknown) => String(thrown));
  const frame = await t.nextFrame();
  const result = (frame as { delivery?: [string, string, { result: string }] })
    .delivery?.[2].result;
  t.done(frame, {
    syscalls: [['resolve', [[result, false, { body: '#null', slots: [] }]]]],
    writes,
  });
  await told;
  const others = t.kernel.executeDBQuery(
    "SELECT * FROM vatstore WHERE vat_id <> 'v1'",
  );
  const isThere = (): boolean =>
    t.kernel.getStatus().vats.some(({ id }) => id === 'v1');
  if (isThere()) {
    const restarted = t.kernel.restartVat('v1').catch(() => undefined);
    if (expected === 'starts') t.done(await t.nextFrame());
    await restarted;
  }
  expect(isThere()).toBe(expected === 'starts');
  expect(
    t.kernel.executeDBQuery("SELECT * FROM vatstore WHERE vat_id <> 'v1'"),
  ).toStrictEqual(others);
  expect(t.kernel.audit().problems).toStrictEqual([]);
});
