import fc from 'fast-check';

export type Schema = Readonly<Record<string, unknown>>;
export type Schemas = Readonly<Record<string, Schema>>;

const longestText = 300;
const mostItems = 5;

/** Values that a schema of the OpenAPI document allows, as far as generators of this kind go: lengths, bounds, patterns, choices. */
export function valuesOf(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const { $ref: reference, anyOf, oneOf, enum: choices, type } = schema;
  if (typeof reference === 'string') {
    return valuesOf(schemas[reference.replace('#/components/schemas/', '')] ?? {}, schemas);
  }
  if ('const' in schema) {
    return fc.constant(schema['const']);
  }
  if (Array.isArray(choices)) {
    return fc.constantFrom(...choices);
  }
  const either = (anyOf ?? oneOf) as readonly Schema[] | undefined;
  if (either !== undefined) {
    return fc.oneof(...either.map((each) => valuesOf(each, schemas)));
  }
  const make = typeof type === 'string' && Object.hasOwn(makers, type) ? makers[type] : undefined;
  return make === undefined ? fc.jsonValue({ maxDepth: 2 }) : make(schema, schemas);
}

const makers: Readonly<Record<string, (schema: Schema, schemas: Schemas) => fc.Arbitrary<unknown>>> = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer: (schema) => fc.integer(boundsOf(schema)),
  number: (schema) => fc.double({ ...boundsOf(schema), noNaN: true }),
  string: textsOf,
  array(schema, schemas) {
    const least = numberAt(schema, 'minItems') ?? 0;
    const most = Math.max(least, Math.min(numberAt(schema, 'maxItems') ?? mostItems, mostItems));
    return fc.array(valuesOf((schema['items'] ?? {}) as Schema, schemas), { minLength: least, maxLength: most });
  },
  object(schema, schemas) {
    const properties = Object.entries((schema['properties'] ?? {}) as Schemas);
    const model = Object.fromEntries(properties.map(([name, each]) => [name, valuesOf(each, schemas)]));
    const required = ((schema['required'] ?? []) as readonly string[]).filter((name) => Object.hasOwn(model, name));
    return fc.record(model, { requiredKeys: [...required] });
  },
};

function textsOf(schema: Schema): fc.Arbitrary<string> {
  const { pattern, format } = schema;
  if (format === 'date-time') {
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString());
  }
  if (format === 'email') {
    return fc.emailAddress();
  }
  if (typeof pattern === 'string' && pattern !== '^[^\\0]*$') {
    return fc.stringMatching(new RegExp(pattern));
  }
  const minLength = numberAt(schema, 'minLength') ?? 0;
  const maxLength = Math.max(minLength, Math.min(numberAt(schema, 'maxLength') ?? longestText, longestText));
  return fc.string({ unit: 'grapheme', minLength, maxLength });
}

function boundsOf(schema: Schema): { readonly min: number; readonly max: number } {
  const min = numberAt(schema, 'minimum') ?? -(2 ** 31);
  return { min: Math.max(min, -(2 ** 31)), max: Math.min(numberAt(schema, 'maximum') ?? 2 ** 31 - 1, 2 ** 31 - 1) };
}

function numberAt(schema: Schema, name: string): number | undefined {
  const value = schema[name];
  return typeof value === 'number' ? value : undefined;
}
