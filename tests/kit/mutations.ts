import fc from 'fast-check';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Stands in a value for a number that no program can hold, which JSON has and values have not. */
const noNumber = '1e999 as a number';

/** As JSON. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll(`"${noNumber}"`, '1e999');
}

/** Values that have broken a parser, a query or a comparison somewhere. */
const odd: readonly Json[] = [
  ...[null, true, false, 0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324],
  ...['', ' ', '\u0000', '\ud800', '\u202e', '\ufeff', '%', '%00', "' or ''='", '\\', '*', '?', '[', '(a+)+$', '${x}'],
  ...['true', 'null', 'NaN', '-0', '1e3', '0x10', '٣', '9'.repeat(40), '1.2', '-2147483648.-9223372036854775808'],
  ...[
    noNumber,
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    '../../etc/passwd',
    'x'.repeat(5_000),
  ],
  ...[[], {}, [[]], [null], { length: 3 }, { length: { toString: '0' } }, { toString: null }, { then: 'x' }],
];

const junk: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.constantFrom(...odd), weight: 5 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 12 }), weight: 2 },
  { arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }), weight: 1 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json), weight: 1 },
);

const changes = ['replace', 'remove', 'wrap', 'repeat', 'add'] as const;

interface Mutation {
  readonly change: (typeof changes)[number];
  /** Which of the value's nodes, counted over and over. */
  readonly at: number;
  readonly with: Json;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  change: fc.constantFrom(...changes),
  at: fc.nat({ max: 200 }),
  with: junk,
});

/** Values like the examples: as they are, or changed in up to three places. */
export function likeOne(examples: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...examples), fc.array(mutation, { maxLength: 3 }))
    .map(([example, mutations]) =>
      mutations.reduce<Json>((value, each) => mutate(value, each, counted(each.at, size(value))), example as Json),
    );
}

function counted(at: number, nodes: number): number {
  return at % nodes;
}

function size(value: Json): number {
  return 1 + children(value).reduce((sum, [, inner]) => sum + size(inner), 0);
}

function children(value: Json): readonly (readonly [string, Json])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Changes the `node`th node of the value, counted from the outside in. */
function mutate(value: Json, how: Mutation, node: number): Json {
  if (node === 0) {
    return changed(value, how);
  }
  let left = node - 1;
  const parts = children(value).flatMap(([key, inner]): (readonly [string, Json])[] => {
    const nodes = size(inner);
    const isHere = left >= 0 && left < nodes;
    const place = left;
    left -= nodes;
    if (!isHere) {
      return [[key, inner]];
    }
    return how.change === 'remove' && place === 0 ? [] : [[key, mutate(inner, how, place)]];
  });
  return Array.isArray(value) ? parts.map(([, inner]) => inner) : Object.fromEntries(parts);
}

function changed(value: Json, { change, with: given }: Mutation): Json {
  switch (change) {
    case 'wrap':
      return [value];
    case 'repeat':
      return Array.isArray(value) ? [...value, ...value, ...value] : [value, value];
    case 'add':
      return added(value, given);
    case 'replace':
    case 'remove':
      return given;
  }
}

function added(value: Json, given: Json): Json {
  if (Array.isArray(value)) {
    return [...value, given];
  }
  return typeof value === 'object' && value !== null
    ? { ...value, [typeof given === 'string' ? given.slice(0, 50) : 'added']: given }
    : given;
}

/** Bytes of a body whose text may be damaged: cut, no UTF-8, begun by a byte order mark, or something else altogether. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  const broken = fc
    .tuple(text, fc.nat({ max: 300 }), fc.constantFrom(0, 0x22, 0x5c, 0x7b, 0x80, 0xff))
    .map(([whole, at, byte]) => {
      const bytes = new TextEncoder().encode(whole);
      bytes[at % Math.max(bytes.length, 1)] = byte;
      return bytes;
    });
  const cut = fc
    .tuple(text, fc.nat({ max: 300 }))
    .map(([whole, at]) => new TextEncoder().encode(whole.slice(0, at % (whole.length + 1))));
  return fc.oneof(
    { arbitrary: text.map((whole) => new TextEncoder().encode(whole)), weight: 12 },
    { arbitrary: broken, weight: 2 },
    { arbitrary: cut, weight: 1 },
    { arbitrary: fc.constantFrom(...noBodies).map((whole) => new TextEncoder().encode(whole)), weight: 1 },
    { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 1 },
  );
}

/** Bodies that are no JSON, or JSON that nobody means. */
const noBodies: readonly string[] = [
  ...['', ' ', '\ufeff{}', 'null', '7', '"a"', '{}', '[]', '{"a":1}{"b":2}', "{'a':1}", '{a:1}', '[1,]', '// x\n{}'],
  ...['NaN', '-Infinity', '1e999', '{"limit":1e999}', `${'9'.repeat(500)}`, '"\\ud800"', '{"\\ud800":"\\udfff"}'],
  ...['['.repeat(5_000), '{"a":'.repeat(5_000), `${'['.repeat(3_000)}${']'.repeat(3_000)}`, 'a=1&b=2', '<a/>'],
  '{"__proto__":{"isAdmin":true}}',
];

/** What stands for a parameter of a path: one of these, or nonsense, however it is encoded. */
export function pathPart(examples: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...examples), weight: 4 },
    {
      arbitrary: fc.constantFrom('%', '%zz', '%00', '%2e%2e', '%ff', '%2f', '-0', '0', '1e3', '+5', '%20', '-'),
      weight: 2,
    },
    { arbitrary: fc.integer().map(String), weight: 1 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 10 }).map(encoded), weight: 1 },
    { arbitrary: fc.constant('9'.repeat(3_000)), weight: 1 },
  );
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
