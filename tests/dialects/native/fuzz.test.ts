import { afterAll, beforeAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type BuiltInRole, roles } from '#core/access/role.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { testSeed } from '#kit/chance.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { damaged, jsonText, likeOne, pathPart } from '#kit/mutations.ts';
import { strangerAddress } from '#kit/strangers.ts';
import { within } from '#kit/until.ts';
import type { CortexWorld } from '../cortex/world.ts';
import { nativeRequests, openNativeFleet } from '../scopes/native-requests.ts';
import { type Schema, type Schemas, valuesOf } from './schema-values.ts';

/** Of all operations together. */
const requests = Number(process.env['CUSTODY_FUZZ_REQUESTS'] ?? 6_000);
const seed = testSeed();
const longestAnswer = 10_000;
const origin = 'https://custody.test:8443/api/v1';
const contentTypes = ['application/json', 'application/json;charset=UTF-16', 'text/plain', 'multipart/form-data', 'x'];
const refusedWith = [400, 401, 403, 404, 409, 410, 413, 422, 429];

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Schemas };
}

interface Route extends Described {
  readonly method: string;
  readonly path: string;
}

/** What a real client sends for a route: values of its path's parameters, and bodies. */
interface Examples {
  readonly parts: Readonly<Record<string, readonly string[]>>;
  readonly bodies: readonly unknown[];
}

let world: CortexWorld;
let dialect: Dialect;
let schemas: Schemas;
let routes: readonly Route[];
let examples: ReadonlyMap<string, Examples>;
const keys = new Map<BuiltInRole, string>();

beforeAll(async () => {
  world = await openNativeFleet();
  dialect = createNativeDialect(world.ports);
  const answer = await dialect.handle(new Request(`${origin}/openapi.json`), { remoteAddress: '', local: false });
  const document = (await answer.json()) as Document;
  schemas = document.components.schemas;
  routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ ...described, method: method.toUpperCase(), path })),
  );
  const real = await nativeRequests(world);
  examples = new Map(routes.map((route) => [route.operationId, examplesOf(route, real)]));
  for (const role of roles) {
    await renewKey(role);
  }
});

afterAll(() => world[Symbol.asyncDispose]());

function examplesOf(route: Route, real: Awaited<ReturnType<typeof nativeRequests>>): Examples {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const pattern = new RegExp(`^/api/v1${route.path.replaceAll(/\{\w+\}/g, '([^/?]+)')}(?:\\?|$)`);
  const known = real.flatMap(({ method, path, body }) => {
    const match = method === route.method ? pattern.exec(path) : null;
    return match === null ? [] : [{ parts: match.slice(1), body }];
  });
  return {
    parts: Object.fromEntries(names.map((name, at) => [name, known.flatMap(({ parts }) => parts[at] ?? [])])),
    bodies: known.flatMap(({ body }) => (body === undefined ? [] : [JSON.parse(body)])),
  };
}

/** A key that a request has deleted, as it may, is made anew. */
async function renewKey(role: BuiltInRole): Promise<void> {
  const { 'x-xdr-auth-id': id, authorization } = await world.key(role);
  keys.set(role, `Custody-Key ${id}:${authorization}`);
}

const credentials = [...roles, 'local', 'none', 'wrong', 'strange'] as const;

interface Sent {
  readonly target: string;
  readonly credential: (typeof credentials)[number];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

const oddHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record(
  {
    'content-type': fc.constantFrom(...contentTypes),
    'content-length': fc.constantFrom('0', '-1', '1e9', 'NaN', '99999999999999999999'),
    'idempotency-key': fc.constantFrom('"a"', '"b"', 'a', '""', '"'.repeat(300), '"a"; q=1'),
    'x-request-id': fc.string({ maxLength: 80 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '?')),
    accept: fc.constantFrom('*/*', 'text/html', ''),
  },
  { requiredKeys: [] },
);

function requestsFor(route: Route): fc.Arbitrary<Sent> {
  return fc.record({
    target: targetsOf(route),
    credential: fc.oneof(
      { arbitrary: fc.constantFrom('Instance Administrator' as const, 'local' as const), weight: 12 },
      { arbitrary: fc.constantFrom(...roles), weight: 6 },
      { arbitrary: fc.constant('none' as const), weight: 1 },
      // Each of these is made to wait.
      { arbitrary: fc.constantFrom(...credentials), weight: 1 },
    ),
    headers: fc.oneof({ arbitrary: fc.constant({}), weight: 6 }, { arbitrary: oddHeaders, weight: 1 }),
    body: route.method === 'GET' ? fc.constant(undefined) : bodiesFor(route),
  });
}

function bodiesFor({ operationId, requestBody }: Route): fc.Arbitrary<Uint8Array> {
  const { bodies = [] } = examples.get(operationId) ?? {};
  const schema = requestBody?.content['application/json'].schema;
  const made = schema === undefined ? fc.constant({}) : valuesOf(schema, schemas);
  const known = bodies.length === 0 ? [] : [likeOne(bodies)];
  const changed = made.chain((value) => likeOne([value]));
  const twice = made.map((value) => `${JSON.stringify(value).slice(0, -1)},"role":"Viewer","role":7}`);
  const whole = fc.oneof({ arbitrary: made, weight: 2 }, changed, ...known).map(jsonText);
  const text = fc.oneof({ arbitrary: whole, weight: 9 }, { arbitrary: twice, weight: 1 });
  return fc.oneof({ arbitrary: text.map(encoded), weight: 2 }, damaged(text));
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function targetsOf({ path, parameters = [], operationId }: Route): fc.Arbitrary<string> {
  const inPath = path.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      return fc.constant(part);
    }
    const known = examples.get(operationId)?.parts[name] ?? [];
    const real = known.length > 0 ? known : ['1', 'x'];
    return fc.oneof({ arbitrary: fc.constantFrom(...real), weight: 3 }, { arbitrary: pathPart(real), weight: 2 });
  });
  const query = parameters.filter((each) => each.in === 'query');
  const unknown = fc.constant('x=1');
  const known = query.length === 0 ? [] : query.map((each) => ({ arbitrary: pairsOf(each), weight: 5 }));
  const pairs = fc.oneof(
    { arbitrary: fc.constant([]), weight: query.length === 0 ? 20 : 2 },
    { arbitrary: fc.array(fc.oneof(...known, { arbitrary: unknown, weight: 1 }), { maxLength: 4 }), weight: 5 },
  );
  return fc.tuple(fc.tuple(...inPath), pairs).map(([parts, search]) => `${parts.join('')}?${search.join('&')}`);
}

function pairsOf({ name, schema }: Parameter): fc.Arbitrary<string> {
  const values = fc.oneof(
    { arbitrary: valuesOf(schema, schemas).map(String), weight: 6 },
    likeOne([1]).map((value) => String(JSON.stringify(value))),
    fc.constantFrom('', 'NaN', '-1', '1e400', '9'.repeat(400), '\u0000', '__proto__'),
  );
  return values.map((value) => `${name}=${encodeURIComponent(value.toWellFormed())}`);
}

function headersOf({ credential, headers }: Sent): Record<string, string> {
  switch (credential) {
    case 'local':
    case 'none':
      return { ...headers };
    case 'wrong':
      return { ...headers, authorization: `Custody-Key 1:${'x'.repeat(128)}` };
    case 'strange':
      return { ...headers, authorization: 'Bearer \u00ff', 'x-xdr-auth-id': '-0', 'x-xdr-nonce': 'x'.repeat(5_000) };
    default:
      return { ...headers, authorization: keys.get(credential) ?? '' };
  }
}

let strangers = 0;

/** Sends it, and says what is wrong with the answer by throwing. */
async function judge(route: Route, sent: Sent): Promise<void> {
  // Whoever guesses does so from an address of its own, or is shut out for a minute.
  strangers += 1;
  const connection = { remoteAddress: strangerAddress(strangers), local: sent.credential === 'local' };
  const request = new Request(`${origin}${sent.target}`, {
    ...{ method: route.method, headers: headersOf(sent) },
    ...(sent.body !== undefined && { body: sent.body.slice() }),
  });
  const what = `${route.method} ${sent.target}`;
  const answer = await within(longestAnswer, what, dialect.handle(request, connection));
  const bytes = await within(longestAnswer, `the body of ${what}`, firstBytesOf(answer));
  expect(answer.status < 300 || refusedWith.includes(answer.status) ? 'an answer' : answer.status).toBe('an answer');
  // A browser that a provider sends is told on a page, and goes on to an address.
  if (answer.status >= 300 && !route.path.includes('/sessions/provider')) {
    readRefusal(answer, new TextDecoder().decode(bytes));
  }
  if (answer.status === 401 && roles.some((role) => role === sent.credential)) {
    await renewKey(sent.credential as BuiltInRole);
  }
}

/** Of a stream, which has no end, what it begins with. */
async function firstBytesOf(answer: Response): Promise<Uint8Array> {
  if (answer.headers.get('content-type') !== 'text/event-stream') {
    return answer.bytes();
  }
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return first?.value ?? new Uint8Array();
}

function readRefusal(answer: Response, text: string): void {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(text).not.toContain(world.ports.directory);
  expect(text).not.toMatch(/sqlite|\.ts:\d|\bat async\b/i);
  const { status, code, detail } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  expect([status, typeof code, typeof detail]).toEqual([answer.status, 'string', 'string']);
}

test(`${requests} requests made from the OpenAPI document, right, nearly right and hostile, are answered below 500`, async () => {
  const runs = Math.ceil(requests / routes.length);
  for (const route of routes) {
    await fc.assert(
      fc.asyncProperty(requestsFor(route), (sent) => judge(route, sent)),
      { numRuns: runs, seed, endOnFailure: true },
    );
    await world.work();
  }
}, 1_800_000);

test('and afterwards the server serves as before', async () => {
  const { id } = await enrolMachine(world.ports, { hostName: 'afterwards' });
  const answer = await dialect.handle(new Request(`${origin}/endpoints/${id}`), { remoteAddress: '', local: true });
  expect(answer.status).toBe(200);
});
