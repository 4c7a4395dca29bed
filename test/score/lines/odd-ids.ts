/**
 * Ids as text, and what the answer must say to them: JSON-RPC 2.0, section 4
 * (https://www.jsonrpc.org/specification), allows strings, numbers and null; to
 * others the id of the answer is null. Numbers after `i_number_*` and
 * `y_number_*` of https://github.com/nst/JSONTestSuite.
 */
export type OddId = Readonly<{
  /** As it stands in the request; `undefined`: it has none. */
  id: string | undefined;
  /** `same`: answered with the same id; `refused`: with null; `silence`: not at all. */
  told: 'same' | 'refused' | 'silence';
}>;

const same = [
  'null',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e3',
  '1E-2',
  '9007199254740993',
  '123456789012345678901234567890',
  '1.7976931348623157e308',
  '1e-400',
  '""',
  '" "',
  '"1"',
  '"null"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  String.raw`"\u0000"`,
  String.raw`"\ud800"`,
  String.raw`"\ud83d\udc4b"`,
  String.raw`"\n\r\u2028"`,
  '"ä€👋"',
  String.raw`"\"},\"id\":2"`,
  `"${'x'.repeat(1e6)}"`,
  `"${String.raw`\u0000`.repeat(1e5)}"`,
];

const refused = [
  'true',
  'false',
  '[]',
  '[1]',
  '{}',
  '{"id":1}',
  '{"toString":1}',
  '1e400',
  '-1e400',
  '1e99999999999',
];

export const oddIds: readonly OddId[] = [
  ...same.map((id) => ({ id, told: 'same' as const })),
  ...refused.map((id) => ({ id, told: 'refused' as const })),
  { id: undefined, told: 'silence' },
];
