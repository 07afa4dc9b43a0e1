import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type BuiltInRole, roles } from '#core/access/role.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { operations } from '#dialects/cortex/operations.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { testSeed } from '#kit/chance.ts';
import { administrator, enrolMachine } from '#kit/fleet.ts';
import { damaged, jsonText, likeOne, pathPart } from '#kit/mutations.ts';
import { strangerAddress } from '#kit/strangers.ts';
import { within } from '#kit/until.ts';
import { fuzzPatterns, type Named, type Pattern } from './fuzz-requests.ts';
import { type CortexWorld, goodPath, openWorld, quarantineFields, retrievalFields, standard } from './world.ts';

/** Of all calls together. */
const requests = Number(process.env['CUSTODY_FUZZ_REQUESTS'] ?? 20_000);
const seed = testSeed();
const longestAnswer = 10_000;
const longestCall = 120_000;
const remoteAddress = '192.0.2.99';
const contentTypes = ['application/json', 'application/json;charset=UTF-8', 'text/plain', 'multipart/form-data', 'x'];

/** Longer than the time in which the slowest of the calls with a rate may be made once. */
const pause = 6_100;

/** What a fault of ours looks like; all other 500 are the vendor's way to refuse. */
const ownFaults: readonly unknown[] = [
  'The server log has the details.',
  'The server is not ready. Try again.',
  'The server did not answer in time. Try again.',
];

type Operation = Dialect['operations'][number];
type Members = Readonly<Record<string, unknown>>;

let world: CortexWorld;
let dialect: Dialect;
let headers: Readonly<Record<string, string>>;
/** Of every role but the one that may do everything. */
const lesser = new Map<BuiltInRole, Readonly<Record<string, string>>>();
let patterns: Readonly<Record<string, Pattern>>;
let kept: Kept;

beforeAll(async () => {
  world = await openWorld();
  dialect = createCortexDialect(world.ports);
  const named = await name();
  // Higher ids than those of the keys that requests delete.
  headers = await world.key('Instance Administrator');
  for (const role of lesserRoles) {
    lesser.set(role, await world.key(role));
  }
  patterns = fuzzPatterns(world, named);
  kept = await look({ events: 0, actions: 0 });
});

afterAll(() => world[Symbol.asyncDispose]());

async function name(): Promise<Named> {
  const { web, mac, ports } = world;
  for (let number = 0; number < 10; number += 1) {
    await world.newKey('Viewer', 'standard');
  }
  const spare = await Promise.all(
    Array.from({ length: 5 }, async (_, number) => (await enrolMachine(ports, { hostName: `spare-${number}` })).id),
  );
  const retrieval = await started('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, web));
  await world.work();
  const details = await world.call('actions/file_retrieval_details', { group_action_id: retrieval });
  const links = Object.values(details.reply['data'] as Readonly<Record<string, string>>);
  const { filters = [] } = quarantineFields(web, mac);
  const script = { script_uid: '414763381b5bfb7b05796c9fe690df46', parameters_values: { path: goodPath }, filters };
  const run = await started('scripts/run_script', script);
  await world.work();
  const open = [
    await started('endpoints/quarantine', quarantineFields(web, mac)),
    await started('endpoints/scan', { filters }, await world.key('Instance Administrator')),
    await started('scripts/run_script', script),
  ];
  const { incident } = await createIncident(ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: 'seen', severity: 'critical', endpointIds: [web.endpoint.id] },
    ...{ files: [], processes: [] },
  });
  return {
    spare,
    actions: [retrieval, run, ...open],
    tokens: links.map((link) => link.split('/download/')[1] ?? ''),
    incident: incident.id,
  };
}

async function started(...call: Parameters<CortexWorld['call']>): Promise<string> {
  const answer = await world.call(...call);
  expect(answer.status).toBe(200);
  return String(answer.reply['action_id']);
}

/** How much there is of what a refused request must not add to. */
interface Kept {
  readonly events: number;
  readonly actions: number;
}

async function look(before: Kept): Promise<Kept> {
  return world.ports.store.read(async ({ events, actions }) => {
    const latest = await events.list({}, before.events, 10_000);
    const { total } = await actions.list({}, { offset: 0, limit: 0 });
    return { events: latest.at(-1)?.sequence ?? before.events, actions: total };
  });
}

const lesserRoles = roles.filter((role) => role !== 'Instance Administrator');
const keys = ['right', 'none', 'wrong', 'another id', 'no id', 'a nonce', 'a signature'] as const;

interface Sent {
  readonly path: string;
  readonly key: (typeof keys)[number] | BuiltInRole;
  readonly contentType: string | undefined;
  readonly body: Uint8Array | undefined;
}

function requestsFor({ method, paths }: Operation, pattern: Pattern): fc.Arbitrary<Sent> {
  const text = likeOne(bodiesOf(pattern)).map(jsonText);
  return fc.record({
    path: fc.constantFrom(...paths).chain((path) => filled(path, pattern)),
    key: fc.oneof(
      // Few are wrong, for each is made to wait a tenth of a second.
      { arbitrary: fc.constant('right' as const), weight: 120 },
      { arbitrary: fc.constantFrom(...lesserRoles), weight: 30 },
      { arbitrary: fc.constantFrom(...keys), weight: 1 },
    ),
    contentType: fc.constantFrom(...contentTypes, undefined),
    body: method === 'GET' ? fc.constant(undefined) : damaged(text),
  });
}

/** Fields are also sent beside `request_data`, as some connectors misplace them. */
function bodiesOf({ data = [] }: Pattern): readonly unknown[] {
  const wrapped = data.map((each) => ({ request_data: each }));
  return [...wrapped, ...wrapped.map((each) => ({ ...each, incident_id: '3' })), ...wrapped, data[0] ?? {}];
}

function filled(path: string, { parameters = {} }: Pattern): fc.Arbitrary<string> {
  const parts = path
    .split(/(:\w+)/)
    .map((part) => (part.startsWith(':') ? pathPart(parameters[part.slice(1)] ?? ['x']) : fc.constant(part)));
  const search = fc.constantFrom('', '', '', '?', '?a=1&a=2', '?%zz');
  return fc.tuple(...parts, search).map((each) => each.join(''));
}

function headersOf({ key, contentType }: Sent): Readonly<Record<string, string>> {
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  const given = lesserRoles.find((role) => role === key);
  return { ...type, ...(given === undefined ? credentials[key as (typeof keys)[number]]() : lesser.get(given)) };
}

const credentials: Readonly<Record<(typeof keys)[number], () => Readonly<Record<string, string>>>> = {
  right: () => headers,
  none: () => ({}),
  wrong: () => ({ ...headers, authorization: 'x'.repeat(128) }),
  'another id': () => ({ ...headers, 'x-xdr-auth-id': '9'.repeat(40) }),
  'no id': () => ({ ...headers, 'x-xdr-auth-id': '-1e3' }),
  'a nonce': () => ({ ...headers, 'x-xdr-nonce': 'x'.repeat(5_000), 'x-xdr-timestamp': 'now' }),
  'a signature': () => ({ ...headers, authorization: 'a'.repeat(64), 'x-xdr-nonce': 'x', 'x-xdr-timestamp': '-1' }),
};

let strangers = 0;

/** Whoever sends wrong keys does so from an address of its own: after a few, an address is shut out for a minute. */
function addressOf({ key }: Sent): string {
  if (key === 'right' || lesserRoles.some((role) => role === key)) {
    return remoteAddress;
  }
  strangers += 1;
  return strangerAddress(strangers);
}

/** Sends it, and says what is wrong with the answer by throwing. */
async function judge(operation: Operation, sent: Sent, pattern: Pattern): Promise<void> {
  if (pattern.isRated === true) {
    world.ports.clock.advance(pause);
  }
  const { path, body } = sent;
  const init = {
    ...{ method: operation.method, headers: headersOf(sent) },
    ...(body !== undefined && { body: body.slice() }),
  };
  const request = new Request(`https://custody.test:8443${path}`, init);
  const answering = dialect.handle(request, { remoteAddress: addressOf(sent), local: false });
  const answer = await within(longestAnswer, `${operation.method} ${path}`, answering);
  const bytes = await within(longestAnswer, `the body of ${operation.method} ${path}`, answer.bytes());
  const isRefused = readAnswer(operation, answer, bytes);
  expect([answer.status, sent.key]).not.toEqual([401, 'right']);
  await renewKey();
  const before = kept;
  kept = await look(before);
  // What a role does not allow is refused on record.
  if (isRefused && answer.status !== 403 && pattern.recordsRefusals !== true) {
    expect(kept).toEqual(before);
  }
}

/** Some request may have deleted the key, as it may. */
async function renewKey(): Promise<void> {
  const id = Number(headers['x-xdr-auth-id']);
  if ((await world.ports.store.read((reader) => reader.credentials.keyById(id))) === undefined) {
    headers = await world.key('Instance Administrator');
  }
}

/** @returns whether it says that nothing was done. */
function readAnswer(operation: Operation, answer: Response, bytes: Uint8Array): boolean {
  const type = answer.headers.get('content-type');
  if (type === 'application/zip') {
    expect([answer.status, operation.paths[0]]).toEqual([200, '/public_api/v1/download/:token']);
    return false;
  }
  expect(type).toBe('application/json');
  const text = new TextDecoder().decode(bytes);
  expect(text).not.toContain(world.ports.directory);
  expect(text).not.toMatch(/sqlite|\.ts:\d|\bat async\b/i);
  const body = JSON.parse(text) as Members;
  return answer.status === 200 ? readSuccess(operation, body) : readRefusal(answer.status, body);
}

function readRefusal(status: number, body: Members): true {
  expect([400, 401, 403, 404, 413, 500]).toContain(status);
  expect(Object.keys(body)).toEqual(['reply']);
  const reply = body['reply'] as Members;
  expect(Object.keys(reply)).toEqual(['err_code', 'err_msg', 'err_extra']);
  const { err_code: code, err_msg: message, err_extra: extra } = reply;
  expect([code, typeof message, typeof extra]).toEqual([status, 'string', status === 401 ? 'object' : 'string']);
  expect(message).not.toBe('');
  expect(extra).not.toBe('');
  expect(ownFaults).not.toContain(extra);
  return true;
}

function readSuccess({ paths }: Operation, body: Members): false {
  if (paths.includes('/healthcheck')) {
    return false;
  }
  expect(Object.keys(body)).toEqual(['reply']);
  const reply = body['reply'];
  expect(reply).not.toBeNull();
  if (typeof reply !== 'object' || Array.isArray(reply)) {
    return false;
  }
  const { err_code: code, action_id: action, endpoints_count: endpoints, status } = reply as Members;
  expect(code).toBeUndefined();
  if (action !== undefined) {
    expect([action, endpoints]).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^[1-9]\d*$/)]);
    expect([0, 1]).toContain(Number(status));
  }
  readPage(reply as Members);
  return false;
}

function readPage(reply: Members): void {
  const { result_count: count, total_count: total } = reply;
  const [items] = Object.values(reply).filter((value) => Array.isArray(value));
  if (count !== undefined) {
    expect(items).toHaveLength(Number(count));
    expect(Number(total)).toBeGreaterThanOrEqual(Number(count));
  }
}

/** Where there is nothing to get wrong, a few requests tell as much as many. */
function readsAnything({ method, paths }: Operation): boolean {
  return method !== 'GET' || paths.some((path) => path.includes(':'));
}

function patternOf({ method, paths }: Operation): Pattern {
  const known = paths.map((path) => patterns[`${method} ${path}`]).find((pattern) => pattern !== undefined);
  return known ?? { data: Object.values(patterns).flatMap(({ data = [] }) => data) };
}

describe(`${requests} requests like those of connectors, and unlike them, are answered; nothing refused leaves a trace`, () => {
  const shares = operations.map((operation) => (readsAnything(operation) ? 4 : 1));
  const whole = shares.reduce((sum, share) => sum + share, 0);

  test('no pattern is of a call that is not served', () => {
    const calls = operations.flatMap(({ method, paths }) => paths.map((path) => `${method} ${path}`));
    expect(Object.keys(patterns).filter((call) => !calls.includes(call))).toEqual([]);
  });

  for (const [index, operation] of operations.entries()) {
    const runs = Math.ceil((requests * (shares[index] ?? 0)) / whole);
    test(
      `${operation.method} ${operation.paths[0]}`,
      async () => {
        const pattern = patternOf(operation);
        await fc.assert(
          fc.asyncProperty(requestsFor(operation, pattern), (sent) => judge(operation, sent, pattern)),
          { numRuns: runs, seed, endOnFailure: true },
        );
        await world.work();
        kept = await look(kept);
      },
      longestCall,
    );
  }

  test('and afterwards the server serves as before', async () => {
    const machine = await enrolMachine(world.ports, { hostName: 'afterwards' });
    const fields = { filters: [{ field: 'endpoint_id_list', operator: 'in', value: [machine.id] }] };
    const found = await world.call(
      'endpoints/get_endpoint',
      fields,
      standard(await world.newKey('Viewer', 'standard')),
    );
    expect(found).toMatchObject({ status: 200, reply: { result_count: 1 } });
  });
});
