/** A JSON schema as a TypeScript type, which people read more easily. */
export type JsonSchema = Readonly<{
  type?: string;
  description?: string;
  $ref?: string;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly JsonSchema[];
  items?: JsonSchema;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: JsonSchema | boolean;
}>;

/** The name of a schema that has one. */
export type NameOf = (schema: JsonSchema) => string | undefined;

/** Without what says nothing about the values: two that are alike have one key. */
export const schemaKey = (schema: JsonSchema): string =>
  JSON.stringify(schema, (key, value: unknown) =>
    ['$schema', '$defs', 'readOnly'].includes(key) ? undefined : value,
  );

export const jsonType = (schema: JsonSchema, nameOf: NameOf): string =>
  nameOf(schema) ?? typeText(schema, nameOf);

/** The same for a schema whose own name is not wanted: its definition. */
export const typeText = (schema: JsonSchema, nameOf: NameOf): string => {
  // The one schema that refers to another, or to itself, is that of JSON.
  if (schema.$ref !== undefined) return 'Json';
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  }
  if (schema.anyOf !== undefined) {
    return schema.anyOf.map((each) => jsonType(each, nameOf)).join(' | ');
  }
  if ('const' in schema) return JSON.stringify(schema.const);
  switch (schema.type) {
    case 'array':
      return arrayText(schema.items ?? {}, nameOf);
    case 'object':
      return objectText(schema, nameOf);
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      return 'Json';
  }
};

const arrayText = (items: JsonSchema, nameOf: NameOf): string => {
  const item = jsonType(items, nameOf);
  return item.includes('|') ? `(${item})[]` : `${item}[]`;
};

const objectText = (schema: JsonSchema, nameOf: NameOf): string => {
  const { properties, required = [], additionalProperties } = schema;
  const rest =
    typeof additionalProperties === 'object' ? additionalProperties : undefined;
  if (properties === undefined) {
    return `Record<string, ${rest === undefined ? 'Json' : jsonType(rest, nameOf)}>`;
  }
  const fields = Object.entries(properties).map(
    ([name, field]) =>
      `${name}${required.includes(name) ? '' : '?'}: ${jsonType(field, nameOf)}`,
  );
  const others = rest === undefined ? [] : ['[other: string]: Json'];
  return `{ ${[...fields, ...others].join('; ')} }`;
};
