/** JSON schemas as zod writes them, and the types that they are shown as. */
import { expect, it } from 'vitest';
import { jsonType, schemaKey, type JsonSchema } from './json-type.ts';

const string = { type: 'string' };
const kref = { type: 'string', description: 'a reference' };
const nameOf = (schema: JsonSchema): string | undefined =>
  schemaKey(schema) === schemaKey(kref) ? 'KRef' : undefined;

const items = { $ref: '#/$defs/__schema0' };
const properties = { a: { type: 'boolean' }, b: kref };

it.each<[string, JsonSchema]>([
  ['string', string],
  ['number', { type: 'integer' }],
  ['null', { type: 'null' }],
  ['"pong"', { type: 'string', const: 'pong' }],
  ['"a" | "b"', { type: 'string', enum: ['a', 'b'] }],
  ['("a" | "b")[]', { type: 'array', items: { enum: ['a', 'b'] } }],
  ['boolean | KRef', { anyOf: [{ type: 'boolean' }, kref] }],
  ['Json[]', { type: 'array', items }],
  ['Json', {}],
  ['{ a: boolean; b?: KRef }', { type: 'object', properties, required: ['a'] }],
  ['Record<string, KRef>', { type: 'object', additionalProperties: kref }],
  [
    '{ a?: string; [other: string]: Json }',
    { type: 'object', properties: { a: string }, additionalProperties: {} },
  ],
])('shows %s', (text, schema) => {
  expect(jsonType(schema, nameOf)).toBe(text);
});

it('knows a shape by name whatever is written around it', () => {
  const inDocument = { $schema: 'draft', readOnly: true, ...kref };
  expect(jsonType(inDocument, nameOf)).toBe('KRef');
});
